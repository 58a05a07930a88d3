// How init gets its zygote, and another one when it is gone.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "init.h"
#include "session.h"

enum { zygote_start_ms = 60000, zygote_error_max = 2048, unpark_us = 1000000 };

// What the zygote wrote before it died: the end of a Python traceback says which import failed.
static void append_errors(struct sbx_init *init, struct sbx_failure *failure) {
  char text[zygote_error_max];
  fcntl(init->zygote_errors, F_SETFL, O_NONBLOCK);
  ssize_t count = read(init->zygote_errors, text, sizeof text - 1);
  if (count <= 0) return;
  text[count] = 0;
  size_t used = strlen(failure->text), room = sizeof failure->text - used;
  const char *tail = (size_t)count + 4 > room ? text + ((size_t)count + 4 - room) : text;
  snprintf(failure->text + used, room, ": %s", tail);
}

// Refused calls of the starting zygote are answered, not recorded: it is our own code and copes.
static int await_ready(struct sbx_init *init, struct sbx_failure *failure) {
  const int64_t deadline = sbx_now_us() + (int64_t)zygote_start_ms * 1000;
  for (;;) {
    struct pollfd waits[] = {{init->zygote, POLLIN, 0}, {init->listener, POLLIN, 0}};
    int64_t left_ms = (deadline - sbx_now_us()) / 1000;
    if (left_ms <= 0) return sbx_fail_plain(failure, "the zygote was not ready within %d s", zygote_start_ms / 1000);
    sbx_init_wait(init, waits, 2, (int)left_ms);
    struct sbx_refusal refusal;
    if (waits[1].revents & POLLIN) sbx_filter_answer(init->listener, &refusal);
    if (!waits[0].revents) continue;
    char message[sizeof failure->text + 1];
    int fds[SBX_MESSAGE_FDS];
    size_t fd_count;
    ssize_t count = sbx_channel_receive(init->zygote, message, sizeof message - 1, fds, &fd_count, NULL);
    if (count == -EAGAIN) continue;
    if (count > 0 && message[0] == SBX_ZYGOTE_READY) {
      if (count >= 9) memcpy(&init->zygote_kib, message + 1, sizeof init->zygote_kib);
      return 0;
    }
    if (count > 0 && message[0] == SBX_ZYGOTE_LISTENER) {
      init->listener = fd_count > 0 ? fds[0] : -1;
      continue;
    }
    if (count > 0 && message[0] == SBX_ZYGOTE_FAILED) {
      message[count] = 0;
      return sbx_fail_plain(failure, "the zygote could not start: %s", message + 1);
    }
    sbx_fail_plain(failure, "the zygote ended while it was starting");
    append_errors(init, failure);
    return -1;
  }
}

// With namespaces the zygote stays outside of ours, so the launcher has to start it.
static int ask_for_zygote(struct sbx_init *init, struct sbx_failure *failure) {
  char message[sizeof failure->text + 1];
  int fds[SBX_MESSAGE_FDS];
  size_t fd_count = 0;
  sbx_channel_send(init->launcher, "Z", 1, NULL, 0);
  ssize_t count = sbx_channel_wait(init->launcher, zygote_start_ms, message, sizeof message - 1, fds, &fd_count);
  if (count <= 0) return sbx_fail_plain(failure, "the launcher does not answer");
  message[count] = 0;
  if (fd_count != 2) return sbx_fail_plain(failure, "%s", message + 1);
  init->zygote = fds[0];
  init->zygote_errors = fds[1];
  return 0;
}

// Without them it is a child of ours, and its runs, once orphaned, are too.
static int fork_zygote(struct sbx_init *init, struct sbx_failure *failure) {
  struct sbx_zygote_plan plan = {init->configuration, init->cgroup, NULL, init->filter, init->null};
  struct sbx_zygote_process process;
  // Not when it was buried with others already: its id may be somebody else's by now.
  if (init->processes.zygote > 0 && waitpid(init->processes.zygote, NULL, WNOHANG) == 0) {
    kill(init->processes.zygote, SIGKILL);
    while (waitpid(init->processes.zygote, NULL, 0) < 0 && errno == EINTR) continue;
  }
  init->processes.zygote = 0;
  if (sbx_zygote_start(&plan, &process, failure) < 0) return -1;
  init->processes.zygote = process.pid;
  init->zygote = process.channel;
  init->zygote_errors = process.errors;
  return 0;
}

void sbx_init_park(struct sbx_init *init) {
  if (init->zygote < 0 || init->parked || sbx_session_count(init) > 0) return;
  init->parked = sbx_channel_send(init->zygote, "P", 1, NULL, 0) == 0;
}

void sbx_init_unpark(struct sbx_init *init) {
  if (!init->parked || init->zygote < 0) return;
  init->parked = false;
  const int64_t deadline = sbx_now_us() + unpark_us;
  sbx_channel_send(init->zygote, "U", 1, NULL, 0);
  for (char message = 0; message != SBX_ZYGOTE_UNPARKED;) {
    struct pollfd waits[] = {{init->zygote, POLLIN, 0}, {init->listener, POLLIN, 0}};
    sbx_init_wait(init, waits, 2, 100);
    struct sbx_refusal refusal;
    if (waits[1].revents & POLLIN) sbx_filter_answer(init->listener, &refusal);
    ssize_t count = waits[0].revents ? sbx_channel_receive(init->zygote, &message, 1, NULL, NULL, NULL) : 1;
    if (count <= 0 || sbx_now_us() > deadline) return sbx_close(&init->zygote);
  }
}

int sbx_init_start_zygote(struct sbx_init *init, struct sbx_failure *failure) {
  int64_t began = sbx_now_us();
  sbx_close(&init->zygote);
  sbx_close(&init->listener);
  init->parked = false;
  int asked = init->configuration->namespaces ? ask_for_zygote(init, failure) : fork_zygote(init, failure);
  if (asked < 0) return -1;
  sbx_channel_credentials(init->zygote);
  int result = await_ready(init, failure);
  sbx_close(&init->zygote_errors);
  if (result < 0) sbx_close(&init->zygote);
  init->zygote_us = sbx_now_us() - began;
  int64_t used = init->cgroup->has_memory ? sbx_cgroup_memory(init->cgroup) : 0;
  init->memory_base = used > 0 ? used : 0;
  return result;
}
