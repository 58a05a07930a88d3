#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "execution.h"
#include "lockdown.h"
#include "session.h"
#include "view.h"

static int make_pipes(struct sbx_execution *execution, int given[3]) {
  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
  bool piped = execution->request->input.count > 0;
  if ((piped && pipe2(in, O_CLOEXEC) < 0) || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) {
    sbx_fail(&execution->failure, "pipe2");
    int made[] = {in[0], in[1], out[0], out[1]};
    for (int i = 0; i < 4; i++) sbx_close(&made[i]);
    return -1;
  }
  // Only our ends do not block: the flag belongs to the open file, and each end is one of its own.
  if (piped) fcntl(in[1], F_SETFL, O_NONBLOCK);
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  fcntl(err[0], F_SETFL, O_NONBLOCK);
  execution->input = (struct sbx_feed){in[1], execution->request->input};
  execution->out.fd = out[0];
  execution->err.fd = err[0];
  given[0] = piped ? in[0] : execution->init->null;
  given[1] = out[1];
  given[2] = err[1];
  return 0;
}

static int limits_of(const struct sbx_execution *execution, struct sbx_limit limits[SBX_LIMITS_MAX]) {
  const struct sbx_init *init = execution->init;
  return sbx_limits_of(execution->request, init->configuration->work_bytes, init->cgroup->has_memory,
                       sbx_processes_others(&init->processes), limits);
}

static int start_in_zygote(struct sbx_execution *execution, const int given[3], int program) {
  struct sbx_init *init = execution->init;
  if (init->zygote < 0 && sbx_init_start_zygote(init, &execution->failure) < 0) return -1;
  struct sbx_limit limits[SBX_LIMITS_MAX];
  int count = limits_of(execution, limits), fds[] = {given[0], given[1], given[2], program};
  int error = sbx_zygote_request(init->zygote, 'F', execution->request->seed, limits, count, fds, 4);
  execution->requested = error == 0;
  init->parked = false;
  if (error == 0) return 0;
  errno = -error;
  sbx_close(&init->zygote);
  return sbx_fail(&execution->failure, "the zygote does not take requests");
}

static int start_cell(struct sbx_execution *execution, const int given[3], int program) {
  struct sbx_session *session = execution->session;
  int64_t memory = execution->init->cgroup->has_memory ? 0 : execution->request->memory_bytes;
  if (memory > 0 && sbx_limits_lower_memory(session->pid, memory, &execution->failure) < 0) return -1;
  char message[5] = {'C'};
  session->cell++;
  memcpy(message + 1, &session->cell, sizeof session->cell);
  int fds[] = {given[0], given[1], given[2], program};
  int error = sbx_channel_send(session->channel, message, sizeof message, fds, 4);
  execution->started = sbx_now_us();
  if (error == 0) return 0;
  errno = -error;
  execution->session_lost = true;
  return sbx_fail(&execution->failure, "the session does not take requests");
}

static int start_program(struct sbx_execution *execution, const int given[3]) {
  int program = sbx_zygote_program(execution->request);
  if (program < 0) {
    errno = -program;
    return sbx_fail(&execution->failure, "memory file for the program");
  }
  int result = execution->session ? start_cell(execution, given, program) : start_in_zygote(execution, given, program);
  close(program);
  return result;
}

// Executables

// Before the program runs, so that all it starts inherits it. Ours until it has been executed, this process has to be
// dumpable for that: the files in /proc of those that are not belong to the machine's root.
static void offer_to_oom_killer(int proc) {
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  int fd = proc < 0 ? -1 : openat(proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t ignored = write(fd, "1000", 4);
  (void)ignored;
  close(fd);
}

static int confine(struct sbx_execution *execution, const int given[3], int *listener, struct sbx_failure *failure) {
  struct sbx_init *init = execution->init;
  char work[4096];
  snprintf(work, sizeof work, "%s/work", init->configuration->box);
  int joined = init->cgroup->version == 0 ? 0 : sbx_cgroup_add_self(init->cgroup);
  if (joined < 0) {
    errno = -joined;
    return sbx_fail(failure, "join the control group");
  }
  if (init->configuration->namespaces) sbx_namespaces_hide_cgroup();
  offer_to_oom_killer(init->processes.proc);
  for (int i = 0; i < 3; i++) {
    if (dup2(given[i], i) < 0) return sbx_fail(failure, "dup2");
  }
  // All of init's are close-on-exec; this makes sure of it.
  if (sbx_lockdown_descriptors(3, true, failure) < 0) return -1;
  struct sbx_limit limits[SBX_LIMITS_MAX];
  int count = limits_of(execution, limits);
  if (sbx_limits_set_fixed(failure) < 0 || sbx_limits_set(limits, count, failure) < 0) return -1;
  struct sbx_lockdown lockdown = {
    .id = sbx_view_run_id(init->configuration), .ruleset = init->ruleset, .filter = init->filter,
    .directory = work, .parent = init->configuration->namespaces ? 0 : getppid()};
  return sbx_lockdown(&lockdown, listener, failure);
}

// The program is looked for where run code would look, not where the server does.
static void use_path(char **environment) {
  unsetenv("PATH");
  for (char **variable = environment; variable && *variable; variable++) {
    if (strncmp(*variable, "PATH=", 5) == 0) setenv("PATH", *variable + 5, 1);
  }
}

static _Noreturn void become_program(struct sbx_execution *execution, const int given[3], int channel) {
  const struct sbx_request *request = execution->request;
  struct sbx_failure failure;
  int listener = -1;
  setsid();
  sbx_lockdown_reset_signals();
  if (confine(execution, given, &listener, &failure) == 0) {
    const char kind = SBX_ZYGOTE_LISTENER;
    sbx_channel_send(channel, &kind, 1, &listener, listener >= 0 ? 1 : 0);
    char *none[] = {NULL}, **environment = execution->init->configuration->environment.items;
    use_path(environment);
    execvpe(request->arguments.items[0], request->arguments.items, environment ? environment : none);
    sbx_fail(&failure, "execute %.400s", request->arguments.items[0]);
  }
  sbx_channel_send(channel, failure.text, strlen(failure.text), NULL, 0);
  _exit(127);
}

static int start_executable(struct sbx_execution *execution, const int given[3]) {
  int channel[2];
  if (sbx_channel_pair(channel) < 0) return sbx_fail(&execution->failure, "socketpair");
  pid_t pid = fork();
  if (pid == 0) become_program(execution, given, channel[1]);
  if (pid < 0) sbx_fail(&execution->failure, "fork");
  close(channel[1]);
  if (pid < 0) {
    close(channel[0]);
    return -1;
  }
  execution->start_channel = channel[0];
  execution->pid = execution->burial.wanted = pid;
  return 0;
}

void sbx_start_hear(struct sbx_execution *execution) {
  char message[sizeof execution->failure.text];
  int fds[SBX_MESSAGE_FDS];
  size_t fd_count = 0;
  ssize_t count = sbx_channel_receive(execution->start_channel, message, sizeof message - 1, fds, &fd_count, NULL);
  if (count == -EAGAIN) return;
  if (count <= 0) {
    // Closed by execve: from here on the program itself runs.
    sbx_close(&execution->start_channel);
    if (!execution->started) execution->started = sbx_now_us();
  } else if (message[0] == SBX_ZYGOTE_LISTENER && count == 1) {
    if (fd_count > 0) execution->listener = fds[0];
  } else {
    message[count] = 0;
    sbx_fail_plain(&execution->failure, "%s", message);
    sbx_execution_end(execution, SBX_FAILED);
  }
}

int sbx_start(struct sbx_execution *execution) {
  int given[3];
  if (make_pipes(execution, given) < 0) return -1;
  bool program = execution->session || execution->request->zygote;
  int result = program ? start_program(execution, given) : start_executable(execution, given);
  if (given[0] != execution->init->null) close(given[0]);
  close(given[1]);
  close(given[2]);
  return result;
}
