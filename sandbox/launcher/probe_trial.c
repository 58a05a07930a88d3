#define _GNU_SOURCE
#include "probe_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 2000 };

bool sbx_trial_failed(struct sbx_trial *trial, const char *call) {
  snprintf(trial->reason, sizeof trial->reason, "%s: %s", call, strerror(errno));
  return false;
}

bool sbx_trial_refuted(struct sbx_trial *trial, const char *text) {
  snprintf(trial->reason, sizeof trial->reason, "%s", text);
  return false;
}

static int64_t now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void die_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

static void try_and_tell(sbx_trial_function function, int result) {
  struct sbx_trial trial = {0};
  int64_t start = now_us();
  trial.present = function(&trial);
  trial.microseconds = now_us() - start;
  ssize_t written = write(result, &trial, sizeof trial);
  _exit(written == sizeof trial ? 0 : 1);
}

void sbx_trial_run(sbx_trial_function function, struct sbx_trial *trial) {
  *trial = (struct sbx_trial){0};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) {
    sbx_trial_failed(trial, "pipe2");
    return;
  }
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    die_with_parent(parent);
    // Its own group, so that a trial that hangs is killed with all that it started.
    setpgid(0, 0);
    try_and_tell(function, ends[1]);
  }
  close(ends[1]);
  if (child < 0) {
    sbx_trial_failed(trial, "fork");
    close(ends[0]);
    return;
  }
  setpgid(child, child);
  struct pollfd answer = {.fd = ends[0], .events = POLLIN};
  int ready = poll(&answer, 1, LIMIT_MS);
  if (ready <= 0)
    sbx_trial_refuted(trial, "hung: no answer within 2 s");
  else if (read(ends[0], trial, sizeof *trial) != sizeof *trial) {
    *trial = (struct sbx_trial){0};
    sbx_trial_refuted(trial, "the trial's process died");
  }
  kill(-child, SIGKILL);
  close(ends[0]);
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
}

int sbx_trial_in_child(int (*function)(void *), void *context) {
  pid_t parent = getpid(), child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    // The first process of a new pid namespace does not see its parent.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent && getppid() != 0) _exit(127);
    _exit(function(context));
  }
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
