#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "execution.h"
#include "files.h"
#include "landlock.h"
#include "root.h"
#include "session.h"
#include "view.h"

enum { zygote_start_ms = 60000, zygote_error_max = 2048 };

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

// Waits for one message. Its length, 0 when the other side is gone, -ETIMEDOUT.
static ssize_t wait_message(int channel, int timeout_ms, void *bytes, size_t count, int *fds, size_t *fd_count) {
  struct pollfd wait = {channel, POLLIN, 0};
  int ready;
  do ready = poll(&wait, 1, timeout_ms);
  while (ready < 0 && errno == EINTR);
  if (ready == 0) return -ETIMEDOUT;
  return sbx_channel_receive(channel, bytes, count, fds, fd_count, NULL);
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

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
  ssize_t count = wait_message(init->launcher, zygote_start_ms, message, sizeof message - 1, fds, &fd_count);
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

int sbx_init_start_zygote(struct sbx_init *init, struct sbx_failure *failure) {
  int64_t began = sbx_now_us();
  close_fd(&init->zygote);
  close_fd(&init->listener);
  int asked = init->configuration->namespaces ? ask_for_zygote(init, failure) : fork_zygote(init, failure);
  if (asked < 0) return -1;
  sbx_channel_credentials(init->zygote);
  int result = await_ready(init, failure);
  close_fd(&init->zygote_errors);
  if (result < 0) close_fd(&init->zygote);
  init->zygote_us = sbx_now_us() - began;
  int64_t used = init->cgroup->has_memory ? sbx_cgroup_memory(init->cgroup) : 0;
  init->memory_base = used > 0 ? used : 0;
  return result;
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

// Building the slot

static int take_ids(struct sbx_failure *failure) {
  if (!sbx_namespaces_two_ids()) return 0;
  if (syscall(SYS_setresgid, SBX_INIT_ID, SBX_INIT_ID, SBX_INIT_ID) < 0) return sbx_fail(failure, "setresgid of init");
  if (syscall(SYS_setresuid, SBX_INIT_ID, SBX_INIT_ID, SBX_INIT_ID) < 0) return sbx_fail(failure, "setresuid of init");
  return 0;
}

static int enter_root(struct sbx_init *init, struct sbx_failure *failure) {
  struct sbx_root_sources *sources = sbx_root_open(&init->configuration->read_only, failure);
  if (!sources || take_ids(failure) < 0) return -1;
  bool proc = false;
  if (sbx_root_enter(sources, &proc, failure) < 0) return -1;
  init->workspaces = (struct sbx_workspaces){
    .active = "/box", .parked = "/.slot", .mounts = true, .bytes = init->configuration->work_bytes,
    .inodes = init->configuration->work_inodes, .owner = SBX_RUN_ID};
  if (proc) init->processes.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return 0;
}

// Without namespaces: the machine's root, and directories below the scratch directory to work in.
static int share_root(struct sbx_init *init, struct sbx_failure *failure) {
  const struct sbx_configuration *configuration = init->configuration;
  static char parked[PATH_MAX];
  snprintf(parked, sizeof parked, "%s/slot", configuration->scratch);
  if (mkdir(configuration->scratch, 0711) < 0 && errno != EEXIST) return sbx_fail(failure, "mkdir %s", configuration->scratch);
  // Left by a slot that could not clean up.
  sbx_files_remove(configuration->box);
  sbx_files_remove(parked);
  if (mkdir(configuration->box, 0711) < 0) return sbx_fail(failure, "mkdir %s", configuration->box);
  if (mkdir(parked, 0700) < 0) return sbx_fail(failure, "mkdir %s", parked);
  // Orphans of a run become our children: that is how they are found.
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_CHILD_SUBREAPER");
  init->processes = (struct sbx_processes){.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), .shared = true,
    .same_user = sbx_view_run_id(configuration) < 0};
  if (init->processes.proc < 0) return sbx_fail(failure, "open /proc");
  int id = sbx_view_run_id(configuration);
  init->workspaces = (struct sbx_workspaces){
    .active = configuration->box, .parked = parked, .bytes = configuration->work_bytes,
    .inodes = configuration->work_inodes, .owner = id < 0 ? geteuid() : (uid_t)id};
  return 0;
}

static int build(struct sbx_init *init, struct sbx_failure *failure) {
  char go;
  // Until the launcher has mapped our ids there is nothing we may do with them.
  if (wait_message(init->launcher, 10000, &go, 1, NULL, NULL) != 1) return sbx_fail_plain(failure, "no go-ahead");
  if ((init->configuration->namespaces ? enter_root : share_root)(init, failure) < 0) return -1;
  // Ids changed: what was asked for before is gone, and nobody else may look into this process.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_PDEATHSIG");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_NO_NEW_PRIVS");
  if (sbx_view_rules(init->configuration, &init->ruleset, failure) < 0) return -1;
  if (sbx_workspace_make(&init->workspaces, &init->current, failure) < 0) return -1;
  if (sbx_workspace_activate(&init->workspaces, &init->current, failure) < 0) return -1;
  init->active = &init->current;
  return sbx_workspace_make(&init->workspaces, &init->spare, failure);
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
  int64_t first = 0, second = 0;
  const char *wrong = sbx_ids_parse(fields, &first, &second);
  if (wrong) sbx_init_fault(init, wrong);
  int result = 0;
  if (kind == SBX_OPEN) {
    result = sbx_session_open(init, first, &failure);
  } else if (kind == SBX_BRANCH) {
    result = sbx_session_branch(init, first, second, &failure);
  } else if (kind == SBX_CLOSE) {
    struct sbx_session *session = sbx_session_find(init, first);
    // One that was lost is closed already.
    if (session) sbx_session_close(init, session);
  } else {
    close_all(init);
    if (sbx_init_take_spare(init, &init->current, &failure) < 0) sbx_init_fault(init, failure.text);
  }
  send_done(init, kind == SBX_BRANCH ? second : first, result < 0 ? failure.text : NULL);
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
  close_fd(&init->zygote);
  sbx_init_start_zygote(init, &failure);
}

_Noreturn void sbx_init_main(struct sbx_init *init, int64_t began) {
  struct sbx_failure failure = {""};
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  prctl(PR_SET_NAME, "agentenv-init", 0, 0, 0);
  init->sessions = calloc(SBX_SESSIONS_MAX, sizeof *init->sessions);
  if (!init->sessions) sbx_init_fault(init, "out of memory");
  if (build(init, &failure) < 0) sbx_init_fault(init, failure.text);
  int64_t namespaces_us = sbx_now_us() - began;
  if (init->configuration->zygote.count > 0 && sbx_init_start_zygote(init, &failure) < 0) {
    sbx_init_fault(init, failure.text);
  }
  send_ready(init, namespaces_us);
  for (;;) {
    serve_frames(init);
    struct pollfd waits[] = {{SBX_SERVER_FD, POLLIN, 0}, {init->launcher, POLLIN, 0}, {init->listener, POLLIN, 0},
                             {init->zygote, POLLIN, 0}};
    if (poll(waits, 4, -1) < 0 && errno != EINTR) _exit(1);
    if (waits[1].revents) _exit(1);
    struct sbx_refusal refusal;
    if (waits[2].revents & POLLIN) sbx_filter_answer(init->listener, &refusal);
    else if (waits[2].revents) close_fd(&init->listener);
    if (waits[3].revents) hear_idle_zygote(init);
    if (waits[0].revents) {
      long count = sbx_inbox_fill(&init->inbox, SBX_SERVER_FD);
      if (count == 0 || (count < 0 && count != -EAGAIN)) _exit(0);
    }
  }
}
