#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "execution.h"
#include "files.h"

static const char *const names[] = {
  "running", "exited", "signaled", "wall", "cpu", "memory", "output", "violation", "cancelled", "failed",
};

static int64_t peak_bytes(const struct sbx_execution *execution) {
  const struct sbx_init *init = execution->init;
  int64_t peak = init->cgroup->has_memory ? sbx_cgroup_peak(init->cgroup) : -1;
  // What the run added to the memory of the zygote it was forked from.
  if (peak > 0) return peak > execution->memory_base ? peak - execution->memory_base : 0;
  int64_t own = execution->request->zygote || execution->session ? init->zygote_kib : 0;
  return execution->burial.peak_kib > own ? (execution->burial.peak_kib - own) * 1024 : 0;
}

static void put_end(const struct sbx_execution *execution, struct sbx_frame *frame) {
  int status = execution->status;
  sbx_frame_text(frame, SBX_TAG_OUTCOME, names[execution->outcome]);
  if (execution->outcome == SBX_RUNNING || !execution->ended) return;
  // Where we ended it ourselves, how it died says nothing.
  bool by_itself = execution->outcome == SBX_EXITED || execution->outcome == SBX_SIGNALED ||
    execution->outcome == SBX_OVER_MEMORY;
  if (by_itself && WIFEXITED(status)) sbx_frame_integer(frame, SBX_TAG_EXIT_CODE, WEXITSTATUS(status));
  if (by_itself && WIFSIGNALED(status)) sbx_frame_integer(frame, SBX_TAG_SIGNAL, WTERMSIG(status));
}

static void put_output(const struct sbx_execution *execution, struct sbx_frame *frame) {
  sbx_frame_bytes(frame, SBX_TAG_STDOUT, execution->out.bytes, execution->out.count);
  sbx_frame_bytes(frame, SBX_TAG_STDERR, execution->err.bytes, execution->err.count);
  sbx_frame_integer(frame, SBX_TAG_STDOUT_TRUNCATED, execution->out.truncated);
  sbx_frame_integer(frame, SBX_TAG_STDERR_TRUNCATED, execution->err.truncated);
}

static void put_files(const struct sbx_execution *execution, struct sbx_frame *frame) {
  struct sbx_init *init = execution->init;
  if (execution->request->collect.count == 0 || execution->outcome == SBX_FAILED) return;
  int dir = sbx_workspace_open(&init->workspaces, init->active, "work");
  if (dir < 0) return;
  sbx_files_collect(dir, execution->request, frame);
  close(dir);
}

void sbx_reply(struct sbx_execution *execution, int64_t ended_at) {
  struct sbx_frame *frame = &execution->init->reply;
  sbx_frame_begin(frame, SBX_RESULT);
  sbx_frame_integer(frame, SBX_TAG_ID, execution->request->id);
  put_end(execution, frame);
  put_output(execution, frame);
  sbx_frame_integer(frame, SBX_TAG_WALL, ended_at - execution->prepared);
  sbx_frame_integer(frame, SBX_TAG_CPU, execution->burial.cpu_us);
  sbx_frame_integer(frame, SBX_TAG_PEAK, peak_bytes(execution));
  if (execution->refused[0]) sbx_frame_text(frame, SBX_TAG_REFUSED, execution->refused);
  put_files(execution, frame);
  sbx_frame_integer(frame, SBX_TAG_PREPARE, execution->prepared - execution->began);
  sbx_frame_integer(frame, SBX_TAG_FORK, execution->started ? execution->started - execution->prepared : 0);
  sbx_frame_integer(frame, SBX_TAG_CLEAN, sbx_now_us() - ended_at);
  sbx_frame_integer(frame, SBX_TAG_SESSION_LOST, execution->session_lost);
  if (execution->failure.text[0]) sbx_frame_text(frame, SBX_TAG_ERROR, execution->failure.text);
  if (sbx_frame_send(frame, SBX_SERVER_FD) < 0) _exit(0);
}
