#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "execution.h"
#include "session.h"
#include "view.h"

enum { quiet_ns = 200000 };

_Noreturn void sbx_init_fault(struct sbx_init *init, const char *text) {
  sbx_frame_begin(&init->reply, SBX_FAULT);
  sbx_frame_text(&init->reply, SBX_TAG_ERROR, text);
  sbx_frame_send(&init->reply, SBX_SERVER_FD);
  _exit(1);
}

void sbx_init_wait(struct sbx_init *init, struct pollfd *waits, size_t count, int timeout_ms) {
  struct pollfd all[8] = {{SBX_SERVER_FD, 0, 0}, {init->launcher, 0, 0}};
  memcpy(all + 2, waits, count * sizeof *waits);
  if (poll(all, count + 2, timeout_ms) < 0 && errno != EINTR) _exit(1);
  if (all[0].revents || all[1].revents) _exit(0);
  for (size_t i = 0; i < count; i++) waits[i].revents = all[i + 2].revents;
}

void sbx_init_limit_memory(struct sbx_init *init, int64_t base, int64_t bytes) {
  if (!init->cgroup->has_memory) return;
  sbx_cgroup_set_memory(init->cgroup, bytes > 0 ? base + bytes : INT64_MAX / 4096 * 4096);
}

void sbx_init_limit_processes(struct sbx_init *init, int64_t count) {
  if (!init->cgroup->has_pids || init->processes_limit == count) return;
  // One more for the process between the zygote and a session.
  if (sbx_cgroup_set_pids(init->cgroup, count + 2) == 0) init->processes_limit = count;
}

int sbx_init_activate(struct sbx_init *init, struct sbx_workspace *workspace, struct sbx_failure *failure) {
  if (init->active == workspace) return 0;
  if (init->active && sbx_workspace_park(&init->workspaces, init->active, failure) < 0) return -1;
  init->active = NULL;
  if (sbx_workspace_activate(&init->workspaces, workspace, failure) < 0) return -1;
  init->active = workspace;
  return 0;
}

int sbx_init_take_spare(struct sbx_init *init, struct sbx_workspace *workspace, struct sbx_failure *failure) {
  if (init->active && sbx_workspace_park(&init->workspaces, init->active, failure) < 0) return -1;
  init->active = NULL;
  struct sbx_workspace last = *workspace;
  *workspace = init->spare;
  init->spare = last;
  init->spare_used = true;
  return sbx_init_activate(init, workspace, failure);
}

// After the reply, where nobody waits for it.
static void refresh(struct sbx_init *init) {
  struct sbx_failure failure;
  if (!init->spare_used) return;
  init->spare_used = false;
  if (sbx_workspace_renew(&init->workspaces, &init->spare, &failure) < 0) sbx_init_fault(init, failure.text);
}

// What run code shares with the machine where it has no namespaces.
static void send_shared(struct sbx_init *init) {
  static const char *const always[] = {"quota:polled", "metadata", "hostname"};
  for (int i = 0; i < 3; i++) sbx_frame_text(&init->reply, 2, always[i]);
  if (sbx_view_denies_signals(init->configuration)) sbx_frame_text(&init->reply, 2, "signals:denied");
  if (init->ruleset < 0) sbx_frame_text(&init->reply, 2, "processes:visible");
}

static void send_ready(struct sbx_init *init, int64_t namespaces_us) {
  const struct sbx_configuration *configuration = init->configuration;
  sbx_frame_begin(&init->reply, SBX_READY);
  sbx_frame_text(&init->reply, 1, configuration->namespaces ? "full" : "no-namespace");
  if (!init->cgroup->has_memory) sbx_frame_text(&init->reply, 2, "memory:rlimit");
  if (!init->cgroup->has_pids) sbx_frame_text(&init->reply, 2, "pids:rlimit");
  if (init->ruleset < 0) sbx_frame_text(&init->reply, 2, "landlock");
  if (!configuration->namespaces) send_shared(init);
  bool unnamed = configuration->zygote.count > 0 ? init->listener < 0 : !init->filter->notify;
  if (unnamed) sbx_frame_text(&init->reply, 2, "violation:unnamed");
  sbx_frame_integer(&init->reply, 3, namespaces_us);
  sbx_frame_integer(&init->reply, 4, init->zygote_us);
  if (sbx_frame_send(&init->reply, SBX_SERVER_FD) < 0) _exit(0);
}

// Serving

static void send_done(struct sbx_init *init, int64_t id, const char *error) {
  sbx_frame_begin(&init->reply, SBX_DONE);
  sbx_frame_integer(&init->reply, SBX_TAG_ID, id);
  if (error) sbx_frame_text(&init->reply, SBX_TAG_ERROR, error);
  if (sbx_frame_send(&init->reply, SBX_SERVER_FD) < 0) _exit(0);
}

// A request that cannot be carried out because of what the slot is doing, not because the server is confused.
static void send_failed(struct sbx_init *init, int64_t id, const char *error, bool lost) {
  sbx_frame_begin(&init->reply, SBX_RESULT);
  sbx_frame_integer(&init->reply, SBX_TAG_ID, id);
  sbx_frame_text(&init->reply, SBX_TAG_OUTCOME, "failed");
  sbx_frame_integer(&init->reply, SBX_TAG_SESSION_LOST, lost);
  sbx_frame_text(&init->reply, SBX_TAG_ERROR, error);
  if (sbx_frame_send(&init->reply, SBX_SERVER_FD) < 0) _exit(0);
}

static void answer_request(struct sbx_init *init, struct sbx_span fields, bool cell) {
  struct sbx_request request;
  const char *wrong = sbx_request_parse(fields, cell, &request);
  if (wrong) sbx_init_fault(init, wrong);
  if (sbx_inbox_hold(&init->inbox, &init->held) < 0) sbx_init_fault(init, "out of memory");
  struct sbx_session *session = cell ? sbx_session_find(init, request.id) : NULL;
  if (cell && !session) {
    send_failed(init, request.id, "there is no such session, or it ended", true);
  } else if (cell) {
    sbx_execution_cell(init, session, &request);
  } else if (sbx_session_count(init) > 0) {
    send_failed(init, request.id, "the slot belongs to a session", false);
  } else if (request.zygote && init->configuration->zygote.count == 0) {
    send_failed(init, request.id, "the slot has no zygote", false);
  } else {
    sbx_execution_run(init, &request);
  }
  sbx_request_free(&request);
  sbx_inbox_trim(&init->held);
}

static void close_all(struct sbx_init *init) {
  for (int i = 0; i < SBX_SESSIONS_MAX; i++) {
    if (init->sessions[i].pid > 0) sbx_session_close(init, &init->sessions[i]);
  }
}

static void answer_ids(struct sbx_init *init, uint8_t kind, struct sbx_span fields) {
  struct sbx_failure failure = {""};
  struct sbx_ids ids;
  const char *wrong = sbx_ids_parse(fields, &ids);
  if (wrong) sbx_init_fault(init, wrong);
  int result = 0;
  if (kind == SBX_OPEN) {
    result = sbx_session_open(init, ids.first, ids.seed, &failure);
  } else if (kind == SBX_BRANCH) {
    result = sbx_session_branch(init, ids.first, ids.second, &failure);
  } else if (kind == SBX_CLOSE) {
    struct sbx_session *session = sbx_session_find(init, ids.first);
    // One that was lost is closed already.
    if (session) sbx_session_close(init, session);
  } else {
    close_all(init);
    if (sbx_init_take_spare(init, &init->current, &failure) < 0) sbx_init_fault(init, failure.text);
  }
  send_done(init, kind == SBX_BRANCH ? ids.second : ids.first, result < 0 ? failure.text : NULL);
}

static void dispatch(struct sbx_init *init, struct sbx_span frame) {
  struct sbx_span fields = {frame.bytes + 1, frame.count - 1};
  uint8_t kind = frame.bytes[0];
  switch (kind) {
    case SBX_RUN:
    case SBX_CELL: answer_request(init, fields, kind == SBX_CELL); break;
    case SBX_OPEN:
    case SBX_BRANCH:
    case SBX_CLOSE:
    case SBX_RESET: answer_ids(init, kind, fields); break;
    // The run it meant has ended by itself.
    case SBX_CANCEL: return;
    default: sbx_init_fault(init, "a frame of unknown kind");
  }
  refresh(init);
}

static void serve_frames(struct sbx_init *init) {
  struct sbx_span frame;
  int have;
  while ((have = sbx_inbox_next(&init->inbox, &frame)) > 0) dispatch(init, frame);
  if (have < 0) sbx_init_fault(init, "a frame is malformed");
}

// Between runs a zygote says nothing: when it can be heard, it has died. The next one is made before it is needed.
static void hear_idle_zygote(struct sbx_init *init) {
  struct sbx_failure failure;
  char message[256];
  if (sbx_channel_receive(init->zygote, message, sizeof message, NULL, NULL, NULL) > 0) return;
  sbx_close(&init->zygote);
  init->park_soon = sbx_init_start_zygote(init, &failure) == 0;
}

_Noreturn void sbx_init_main(struct sbx_init *init, int64_t began) {
  struct sbx_failure failure = {""};
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  prctl(PR_SET_NAME, "agentenv-init", 0, 0, 0);
  init->sessions = calloc(SBX_SESSIONS_MAX, sizeof *init->sessions);
  if (!init->sessions) sbx_init_fault(init, "out of memory");
  if (sbx_init_build(init, &failure) < 0) sbx_init_fault(init, failure.text);
  int64_t namespaces_us = sbx_now_us() - began;
  if (init->configuration->zygote.count > 0 && sbx_init_start_zygote(init, &failure) < 0) {
    sbx_init_fault(init, failure.text);
  }
  send_ready(init, namespaces_us);
  init->park_soon = true;
  for (;;) {
    serve_frames(init);
    struct pollfd waits[] = {{SBX_SERVER_FD, POLLIN, 0}, {init->launcher, POLLIN, 0}, {init->listener, POLLIN, 0},
                             {init->zygote, POLLIN, 0}};
    // A request that follows at once would only have to wait for the process being made.
    const struct timespec quiet = {.tv_nsec = quiet_ns};
    int ready = ppoll(waits, 4, init->park_soon ? &quiet : NULL, NULL);
    if (ready < 0 && errno != EINTR) _exit(1);
    if (ready == 0) {
      init->park_soon = false;
      sbx_init_park(init);
    }
    if (waits[1].revents) _exit(1);
    struct sbx_refusal refusal;
    if (waits[2].revents & POLLIN) sbx_filter_answer(init->listener, &refusal);
    else if (waits[2].revents) sbx_close(&init->listener);
    if (waits[3].revents) hear_idle_zygote(init);
    if (waits[0].revents) {
      long count = sbx_inbox_fill(&init->inbox, SBX_SERVER_FD);
      if (count == 0 || (count < 0 && count != -EAGAIN)) _exit(0);
    }
  }
}
