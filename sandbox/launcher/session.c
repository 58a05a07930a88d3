#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "files.h"

enum { answer_us = 10000000 };

struct sbx_session *sbx_session_find(struct sbx_init *init, int64_t id) {
  for (int i = 0; i < SBX_SESSIONS_MAX; i++) {
    if (init->sessions[i].pid > 0 && init->sessions[i].id == id) return &init->sessions[i];
  }
  return NULL;
}

int sbx_session_count(const struct sbx_init *init) {
  int count = 0;
  for (int i = 0; i < SBX_SESSIONS_MAX; i++) count += init->sessions[i].pid > 0;
  return count;
}

static struct sbx_session *reserve(struct sbx_init *init, int64_t id, struct sbx_failure *failure) {
  if (sbx_session_find(init, id)) {
    sbx_fail_plain(failure, "session %lld exists already", (long long)id);
    return NULL;
  }
  for (int i = 0; i < SBX_SESSIONS_MAX; i++) {
    if (init->sessions[i].pid > 0) continue;
    init->sessions[i] = (struct sbx_session){.id = id, .channel = -1};
    return &init->sessions[i];
  }
  sbx_fail_plain(failure, "more than %d branches", SBX_SESSIONS_MAX);
  return NULL;
}

// Waits for one message, answering refused calls meanwhile. Its length, 0 when the other side is gone or silent.
static ssize_t await(struct sbx_init *init, int channel, char *message, size_t room, pid_t *sender) {
  int64_t deadline = sbx_now_us() + answer_us;
  for (;;) {
    int64_t left = deadline - sbx_now_us();
    if (left <= 0) return 0;
    struct pollfd waits[] = {{channel, POLLIN, 0}, {init->listener, POLLIN, 0}};
    sbx_init_wait(init, waits, 2, (int)(left / 1000) + 1);
    struct sbx_refusal refusal;
    if (waits[1].revents & POLLIN) sbx_filter_answer(init->listener, &refusal);
    if (!waits[0].revents) continue;
    ssize_t count = sbx_channel_receive(channel, message, room, NULL, NULL, sender);
    if (count != -EAGAIN) return count < 0 ? 0 : count;
  }
}

// The new process's first word carries its id, which the kernel vouches for.
static int await_start(struct sbx_init *init, struct sbx_session *session, struct sbx_failure *failure) {
  char message[16];
  pid_t sender = 0;
  ssize_t count = await(init, session->channel, message, sizeof message, &sender);
  if (count != 1 || message[0] != SBX_SESSION_STARTED || sender <= 0) {
    return sbx_fail_plain(failure, "the session's process did not start");
  }
  session->pid = sender;
  struct sbx_execution execution = {.init = init, .pid = sender};
  sbx_execution_offer_to_oom_killer(&execution);
  struct sbx_burial burial = {0};
  sbx_session_pause(init, session, &burial);
  return 0;
}

static void forget(struct sbx_init *init, struct sbx_session *session) {
  sbx_close(&session->channel);
  if (init->active == &session->workspace) init->active = NULL;
  sbx_workspace_destroy(&init->workspaces, &session->workspace);
  *session = (struct sbx_session){.channel = -1};
}

static int request_process(struct sbx_init *init, int64_t seed, int theirs, struct sbx_failure *failure) {
  if (init->zygote < 0 && sbx_init_start_zygote(init, failure) < 0) return -1;
  // A session outlives many cells: processor time is limited by the cell, and by us.
  struct sbx_request request = {.open_files = 256, .processes = init->configuration->processes};
  struct sbx_limit limits[SBX_LIMITS_MAX];
  int count = sbx_limits_of(&request, init->configuration->work_bytes, init->cgroup->has_memory,
                            sbx_processes_others(&init->processes), limits);
  int error = sbx_zygote_request(init->zygote, 'O', seed, limits, count, &theirs, 1);
  if (error == 0) return 0;
  errno = -error;
  return sbx_fail(failure, "the zygote does not take requests");
}

int sbx_session_open(struct sbx_init *init, int64_t id, int64_t seed, struct sbx_failure *failure) {
  if (init->configuration->zygote.count == 0) return sbx_fail_plain(failure, "the slot has no zygote");
  struct sbx_session *session = reserve(init, id, failure);
  if (!session) return -1;
  sbx_init_unpark(init);
  if (sbx_init_take_spare(init, &session->workspace, failure) < 0) sbx_init_fault(init, failure->text);
  sbx_init_limit_memory(init, 0, 0);
  int channel[2], result = -1;
  if (sbx_channel_pair(channel) < 0) {
    sbx_fail(failure, "socketpair");
  } else {
    fcntl(channel[1], F_SETFL, 0);
    session->channel = channel[0];
    sbx_channel_credentials(channel[0]);
    result = request_process(init, seed, channel[1], failure);
    close(channel[1]);
  }
  if (result == 0) result = await_start(init, session, failure);
  if (result < 0) forget(init, session);
  return result;
}

// What a cell sent beyond its one answer must not be taken for the next one's.
static void drain(struct sbx_session *session) {
  char rubbish[64];
  for (int i = 0; i < 4096; i++) {
    if (sbx_channel_receive(session->channel, rubbish, sizeof rubbish, NULL, NULL, NULL) <= 0) return;
  }
}

int sbx_session_resume(struct sbx_init *init, struct sbx_session *session, struct sbx_failure *failure) {
  drain(session);
  if (sbx_init_activate(init, &session->workspace, failure) < 0) return -1;
  if (kill(session->pid, SIGCONT) < 0) return sbx_fail(failure, "continue the session");
  return 0;
}

bool sbx_session_pause(struct sbx_init *init, struct sbx_session *session, struct sbx_burial *burial) {
  pid_t kept[SBX_SESSIONS_MAX];
  size_t count = 0;
  kill(session->pid, SIGSTOP);
  for (int i = 0; i < SBX_SESSIONS_MAX; i++) {
    if (init->sessions[i].pid > 0) kept[count++] = init->sessions[i].pid;
  }
  return sbx_processes_kill(&init->processes, kept, count, SBX_PATIENCE_US, burial);
}

void sbx_session_close(struct sbx_init *init, struct sbx_session *session) {
  struct sbx_burial burial = {.wanted = session->pid};
  kill(session->pid, SIGKILL);
  session->pid = -session->pid;
  pid_t kept[SBX_SESSIONS_MAX];
  size_t count = 0;
  for (int i = 0; i < SBX_SESSIONS_MAX; i++) {
    if (init->sessions[i].pid > 0) kept[count++] = init->sessions[i].pid;
  }
  if (!sbx_processes_kill(&init->processes, kept, count, SBX_PATIENCE_US, &burial)) {
    sbx_init_fault(init, "processes of a session would not die");
  }
  forget(init, session);
}

// Branching

static int copy_files(struct sbx_init *init, struct sbx_session *from, struct sbx_session *to,
                      struct sbx_failure *failure) {
  static const char *const parts[] = {"work", "tmp", "shm"};
  int result = 0;
  for (int i = 0; i < 3 && result == 0; i++) {
    int source = sbx_workspace_open(&init->workspaces, &from->workspace, parts[i]);
    int target = sbx_workspace_open(&init->workspaces, &to->workspace, parts[i]);
    if (source < 0 || target < 0) {
      result = sbx_fail(failure, "open the %s directories of two branches", parts[i]);
    } else {
      result = sbx_files_copy(source, target, failure);
    }
    sbx_close(&source);
    sbx_close(&target);
  }
  return result;
}

static int copy_process(struct sbx_init *init, struct sbx_session *from, struct sbx_session *to,
                        struct sbx_failure *failure) {
  int channel[2];
  if (sbx_channel_pair(channel) < 0) return sbx_fail(failure, "socketpair");
  fcntl(channel[1], F_SETFL, 0);
  to->channel = channel[0];
  sbx_channel_credentials(channel[0]);
  // The copy changes into its own work directory, so that has to be the one at /box.
  int result = sbx_init_activate(init, &to->workspace, failure);
  if (result == 0 && kill(from->pid, SIGCONT) < 0) result = sbx_fail(failure, "continue the session");
  int error = result < 0 ? 0 : sbx_channel_send(from->channel, "B", 1, &channel[1], 1);
  close(channel[1]);
  if (result < 0) return result;
  char message[256];
  ssize_t count = error < 0 ? 0 : await(init, from->channel, message, sizeof message - 1, NULL);
  if (count == 1 && message[0] == SBX_SESSION_BRANCHED) return await_start(init, to, failure);
  if (count <= 1 || message[0] != SBX_SESSION_BRANCHED) return sbx_fail_plain(failure, "the session did not answer");
  message[count] = 0;
  return sbx_fail_plain(failure, "%s", message + 1);
}

int sbx_session_branch(struct sbx_init *init, int64_t source, int64_t id, struct sbx_failure *failure) {
  struct sbx_session *from = sbx_session_find(init, source);
  if (!from) return sbx_fail_plain(failure, "no session %lld", (long long)source);
  struct sbx_session *to = reserve(init, id, failure);
  if (!to) return -1;
  int result = sbx_workspace_make(&init->workspaces, &to->workspace, failure);
  if (result == 0) result = copy_files(init, from, to, failure);
  sbx_init_limit_memory(init, 0, 0);
  if (result == 0) result = copy_process(init, from, to, failure);
  struct sbx_burial burial = {0};
  if (result < 0) {
    to->pid = 0;
    forget(init, to);
  }
  sbx_session_pause(init, from, &burial);
  return result;
}
