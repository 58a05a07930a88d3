#define _GNU_SOURCE
#include "execution.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "files.h"
#include "session.h"

enum { start_us = 3000000, settle_us = 1000000, first_patience_us = 100000 };

void sbx_execution_end(struct sbx_execution *execution, enum sbx_outcome outcome) {
  if (execution->outcome == SBX_RUNNING) execution->outcome = outcome;
}

void sbx_execution_offer_to_oom_killer(const struct sbx_execution *execution) {
  if (execution->init->processes.proc < 0 || execution->pid <= 0) return;
  char path[48];
  snprintf(path, sizeof path, "%d/oom_score_adj", (int)execution->pid);
  int fd = openat(execution->init->processes.proc, path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  // Without it the largest process goes, which is the run in all but odd cases.
  ssize_t ignored = write(fd, "1000", 4);
  (void)ignored;
  close(fd);
}

// Ending

static bool kill_all(struct sbx_execution *execution, int64_t patience_us) {
  return sbx_processes_kill(&execution->init->processes, NULL, 0, patience_us, &execution->burial);
}

// The zygote tells how its child ended; one that does not is replaced.
static void await_zygote(struct sbx_execution *execution) {
  struct sbx_init *init = execution->init;
  int64_t deadline = sbx_now_us() + settle_us;
  while (init->zygote >= 0 && !execution->ended && sbx_now_us() < deadline) {
    struct pollfd waits[] = {{init->zygote, POLLIN, 0}, {init->listener, POLLIN, 0}};
    sbx_init_wait(init, waits, 2, 50);
    struct sbx_refusal refusal;
    if (waits[1].revents & POLLIN) sbx_filter_answer(init->listener, &refusal);
    if (waits[0].revents) sbx_watch_zygote(execution);
    // It may have been about to fork when the others were killed.
    if (!execution->ended) kill_all(execution, first_patience_us);
  }
  if (execution->ended) return;
  // Its child stays a zombie for as long as it does not wait for it.
  sbx_close(&init->zygote);
  struct sbx_failure failure;
  sbx_init_start_zygote(init, &failure);
}

static void settle_cell(struct sbx_execution *execution) {
  struct sbx_session *session = execution->session;
  // A cell that could not even be sent (its files could not be placed) leaves the session as it was.
  if (execution->started && !execution->ended) execution->session_lost = true;
  if (execution->session_lost) kill(session->pid, SIGKILL);
  int64_t used = sbx_watch_cpu(execution) - execution->cpu_before;
  int64_t own = sbx_watch_own_cpu(execution) - execution->own_cpu_before;
  if (!sbx_session_pause(execution->init, session, &execution->burial)) execution->session_lost = true;
  if (own > 0) execution->burial.cpu_us += own;
  if (used > execution->burial.cpu_us) execution->burial.cpu_us = used;
}

// Nothing of the run lives on when this returns.
static void settle(struct sbx_execution *execution) {
  struct sbx_init *init = execution->init;
  if (execution->session) {
    settle_cell(execution);
  } else {
    // One made ahead for a run that did not come about is the zygote's to bury.
    if (!execution->requested) sbx_init_unpark(init);
    bool dead = kill_all(execution, execution->requested ? first_patience_us : SBX_PATIENCE_US);
    if (execution->requested) await_zygote(execution);
    if (!dead && !kill_all(execution, SBX_PATIENCE_US)) sbx_init_fault(init, "processes of a run would not die");
    if (execution->burial.found && !execution->ended) {
      execution->ended = true;
      execution->status = execution->burial.status;
    }
  }
  // What it said before its end may be heard only now: the listener, then why it could not be executed.
  for (int message = 0; message < 3 && execution->start_channel >= 0; message++) sbx_start_hear(execution);
  sbx_stream_read(&execution->out);
  sbx_stream_read(&execution->err);
}

static bool killed_for_memory(const struct sbx_execution *execution) {
  if (execution->oom_before < 0) return false;
  int64_t now = sbx_cgroup_oom_kills(execution->init->cgroup);
  return now > execution->oom_before;
}

static void classify(struct sbx_execution *execution) {
  int status = execution->status, signal = execution->ended && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  int64_t cpu_ms = execution->request->cpu_ms;
  if (execution->outcome == SBX_FAILED && killed_for_memory(execution)) execution->outcome = SBX_OVER_MEMORY;
  if (execution->outcome == SBX_RUNNING) {
    execution->outcome = signal ? SBX_SIGNALED : SBX_EXITED;
    bool told = !execution->session && execution->request->zygote && signal == SIGRTMAX;
    bool exhausted = execution->memory_exhausted || told;
    if (exhausted) {
      execution->outcome = SBX_OVER_MEMORY;
      execution->status = 1 << 8;
    } else if (signal == SIGKILL && killed_for_memory(execution)) {
      execution->outcome = SBX_OVER_MEMORY;
    } else if (signal == SIGXCPU || (signal == SIGKILL && cpu_ms > 0 && execution->burial.cpu_us >= cpu_ms * 1000)) {
      execution->outcome = SBX_OVER_CPU;
    } else if (signal == SIGSYS) {
      execution->outcome = SBX_VIOLATION;
    }
  }
  // The same whether it was found out before the end or after.
  bool truncated = execution->out.truncated || execution->err.truncated;
  if (truncated && (execution->outcome == SBX_EXITED || execution->outcome == SBX_SIGNALED)) {
    execution->outcome = SBX_OVER_OUTPUT;
  }
  if (execution->outcome != SBX_FAILED) execution->failure.text[0] = 0;
}

// Runs

static int place_files(struct sbx_execution *execution) {
  struct sbx_init *init = execution->init;
  if (execution->request->file_count == 0) return 0;
  int dir = sbx_workspace_open(&init->workspaces, init->active, "work");
  if (dir < 0) return sbx_fail(&execution->failure, "open the work directory");
  int result = sbx_files_place(dir, execution->request, init->workspaces.owner, &execution->failure);
  close(dir);
  return result;
}

static void begin(struct sbx_execution *execution) {
  struct sbx_init *init = execution->init;
  size_t limit = (size_t)execution->request->output_bytes;
  execution->began = execution->prepared = sbx_now_us();
  execution->input.fd = execution->out.fd = execution->err.fd = execution->start_channel = execution->listener = -1;
  execution->out.limit = execution->err.limit = limit;
  execution->oom_before = -1;
  if (execution->request->cpu_ms > 0 || execution->session) execution->cpu_before = sbx_watch_cpu(execution);
  if (execution->session) execution->own_cpu_before = sbx_watch_own_cpu(execution);
  sbx_init_limit_processes(init, execution->request->processes);
  if (!init->cgroup->has_memory) return;
  int64_t used = sbx_cgroup_memory(init->cgroup);
  execution->memory_base = used > 0 ? used : 0;
  execution->oom_before = sbx_cgroup_oom_kills(init->cgroup);
  sbx_cgroup_reset_peak(init->cgroup);
  sbx_init_limit_memory(init, execution->session ? init->memory_base : execution->memory_base,
                        execution->request->memory_bytes);
}

static void perform(struct sbx_execution *execution) {
  bool started = place_files(execution) == 0;
  execution->prepared = sbx_now_us();
  if (!started || sbx_start(execution) < 0) sbx_execution_end(execution, SBX_FAILED);
  // A run's time begins when it does: a slow machine's forks are not its fault.
  bool waiting = execution->requested && !execution->started;
  execution->deadline = execution->prepared + (waiting ? start_us : execution->request->wall_ms * 1000);
  sbx_watch(execution);
  int64_t ended_at = sbx_now_us();
  settle(execution);
  classify(execution);
  sbx_reply(execution, ended_at);
  sbx_close(&execution->input.fd);
  sbx_close(&execution->start_channel);
  sbx_close(&execution->listener);
  sbx_stream_free(&execution->out);
  sbx_stream_free(&execution->err);
}

void sbx_execution_run(struct sbx_init *init, const struct sbx_request *request) {
  struct sbx_execution execution = {.init = init, .request = request};
  if (!request->zygote) sbx_init_unpark(init);
  begin(&execution);
  // The last run's directory stays until the next request, which may want to go on in it.
  int ready = request->fresh ? sbx_init_take_spare(init, &init->current, &execution.failure)
                             : sbx_init_activate(init, &init->current, &execution.failure);
  if (ready < 0) sbx_init_fault(init, execution.failure.text);
  perform(&execution);
  if (init->configuration->zygote.count > 0 && init->zygote < 0) sbx_init_start_zygote(init, &execution.failure);
  init->park_soon = request->zygote;
}

void sbx_execution_cell(struct sbx_init *init, struct sbx_session *session, const struct sbx_request *request) {
  struct sbx_execution execution = {.init = init, .request = request, .session = session, .pid = session->pid};
  execution.burial.wanted = session->pid;
  begin(&execution);
  if (sbx_session_resume(init, session, &execution.failure) < 0) {
    execution.session_lost = true;
    sbx_execution_end(&execution, SBX_FAILED);
  }
  perform(&execution);
  if (execution.session_lost) sbx_session_close(init, session);
}
