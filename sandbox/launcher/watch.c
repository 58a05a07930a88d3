// A run or cell while it is on: hears everybody and checks the limits, until it is over or has to be ended.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "execution.h"
#include "session.h"

enum { grace_us = 200000, closing_us = 100000, refusals_max = 100, cpu_check_ms = 20, quota_check_ms = 50 };

// Hearing

void sbx_watch_zygote(struct sbx_execution *execution) {
  struct sbx_init *init = execution->init;
  char message[256];
  pid_t sender;
  ssize_t count = sbx_channel_receive(init->zygote, message, sizeof message - 1, NULL, NULL, &sender);
  if (count == -EAGAIN) return;
  if (count <= 0) {
    sbx_close(&init->zygote);
    sbx_fail_plain(&execution->failure, "the zygote died");
    return sbx_execution_end(execution, SBX_FAILED);
  }
  if (message[0] == SBX_ZYGOTE_STARTED) {
    execution->started = sbx_now_us();
    execution->deadline = execution->started + execution->request->wall_ms * 1000;
    execution->pid = sender;
    sbx_execution_offer_to_oom_killer(execution);
  } else if (message[0] == SBX_ZYGOTE_ENDED && count == sizeof(struct sbx_zygote_ended)) {
    struct sbx_zygote_ended ended;
    memcpy(&ended, message, sizeof ended);
    execution->ended = true;
    execution->status = ended.status;
    execution->burial.cpu_us += ended.user_us + ended.system_us;
    execution->burial.peak_kib = ended.peak_kib;
  } else if (message[0] == SBX_ZYGOTE_ERROR) {
    message[count] = 0;
    execution->requested = false;
    sbx_fail_plain(&execution->failure, "the zygote could not fork: %s", message + 1);
    sbx_execution_end(execution, SBX_FAILED);
  }
}

static void hear_session(struct sbx_execution *execution) {
  struct sbx_session *session = execution->session;
  struct sbx_session_done done;
  ssize_t count = sbx_channel_receive(session->channel, &done, sizeof done, NULL, NULL, NULL);
  if (count == -EAGAIN) return;
  if (count <= 0) {
    // Closed by its death, of which we hear in a moment; or by the cell, after which nobody can talk to it.
    sbx_close(&session->channel);
    kill(session->pid, SIGKILL);
    execution->deadline = sbx_now_us() + closing_us;
    return;
  }
  if (count != sizeof done || done.kind != SBX_SESSION_DONE || done.cell != session->cell) return;
  execution->ended = true;
  execution->status = (done.exit_code & 0xff) << 8;
  execution->memory_exhausted = done.flags & SBX_SESSION_EXHAUSTED;
  if (done.flags & SBX_SESSION_ENDS) execution->session_lost = true;
}

static void answer_refusal(struct sbx_execution *execution, int listener) {
  struct sbx_refusal refusal;
  if (sbx_filter_answer(listener, &refusal) < 0 || refusal.name[0] == 0) return;
  if (execution->refused[0] == 0) memcpy(execution->refused, refusal.name, sizeof execution->refused);
  if (refusal.fatal || ++execution->refusals > refusals_max) sbx_execution_end(execution, SBX_VIOLATION);
}

static void hear_deaths(struct sbx_execution *execution) {
  struct signalfd_siginfo death;
  while (read(execution->init->deaths, &death, sizeof death) > 0) continue;
  sbx_processes_reap(&execution->burial);
  if (!execution->burial.found || execution->ended) return;
  execution->ended = true;
  execution->status = execution->burial.status;
  if (execution->session) execution->session_lost = true;
}

// What has been read already: a CANCEL may have come together with its run.
static void take_frames(struct sbx_execution *execution) {
  struct sbx_init *init = execution->init;
  struct sbx_span frame;
  int have;
  while ((have = sbx_inbox_next(&init->inbox, &frame)) > 0) {
    struct sbx_ids ids;
    const char *wrong = sbx_ids_parse((struct sbx_span){frame.bytes + 1, frame.count - 1}, &ids);
    if (frame.bytes[0] != SBX_CANCEL || wrong) sbx_init_fault(init, "only CANCEL may follow while a run is on");
    if (ids.first == execution->request->id) sbx_execution_end(execution, SBX_CANCELLED);
  }
  if (have < 0) sbx_init_fault(init, "a frame is malformed");
}

static void hear_server(struct sbx_execution *execution) {
  long count = sbx_inbox_fill(&execution->init->inbox, SBX_SERVER_FD);
  if (count == 0 || (count < 0 && count != -EAGAIN)) _exit(0);
  take_frames(execution);
}

// Limits

int64_t sbx_watch_cpu(const struct sbx_execution *execution) {
  int64_t used = execution->init->cgroup->version == 0 ? -1 : sbx_cgroup_cpu_usec(execution->init->cgroup);
  if (used >= 0) return used;
  // Without a control group: the first process to the moment, or all of them as far as /proc has counted.
  int64_t all = execution->burial.cpu_us + sbx_processes_cpu(&execution->init->processes);
  int64_t own = sbx_watch_own_cpu(execution);
  return all > own ? all : own;
}

int64_t sbx_watch_own_cpu(const struct sbx_execution *execution) {
  clockid_t clock;
  struct timespec time;
  if (execution->pid <= 0 || clock_getcpuclockid(execution->pid, &clock) != 0) return 0;
  if (clock_gettime(clock, &time) < 0) return 0;
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

// Without a file system of its own the work directory is looked at from time to time.
static void check_quota(struct sbx_execution *execution) {
  if (!sbx_workspace_is_over(&execution->init->workspaces, execution->init->active)) return;
  snprintf(execution->refused, sizeof execution->refused, "disk quota");
  sbx_execution_end(execution, SBX_VIOLATION);
}

static void check_limits(struct sbx_execution *execution) {
  int64_t now = sbx_now_us(), cpu_ms = execution->request->cpu_ms;
  if (execution->out.truncated || execution->err.truncated) sbx_execution_end(execution, SBX_OVER_OUTPUT);
  if (now >= execution->deadline && execution->outcome == SBX_RUNNING) {
    if (execution->session && execution->session->channel < 0) {
      sbx_fail_plain(&execution->failure, "the session's process would not die");
      execution->session_lost = true;
      return sbx_execution_end(execution, SBX_FAILED);
    }
    if (!execution->started && execution->request->zygote) {
      sbx_fail_plain(&execution->failure, "the zygote did not answer in time");
      sbx_close(&execution->init->zygote);
      return sbx_execution_end(execution, SBX_FAILED);
    }
    sbx_execution_end(execution, SBX_OVER_WALL);
  }
  if (!execution->init->workspaces.mounts && now > execution->quota_checked + quota_check_ms * 1000) {
    execution->quota_checked = now;
    check_quota(execution);
  }
  if (cpu_ms > 0 && sbx_watch_cpu(execution) - execution->cpu_before > cpu_ms * 1000) {
    sbx_execution_end(execution, SBX_OVER_CPU);
  }
}

// A cell that is over a limit is interrupted first, so that its session may keep its state.
static bool finished(struct sbx_execution *execution) {
  if (execution->ended) return true;
  if (execution->outcome == SBX_RUNNING) return false;
  if (!execution->session || execution->session_lost) return true;
  if (execution->outcome == SBX_VIOLATION || execution->outcome == SBX_FAILED) return true;
  if (execution->interrupted == 0) {
    execution->interrupted = sbx_now_us();
    kill(execution->pid, SIGINT);
  }
  return sbx_now_us() > execution->interrupted + grace_us;
}

static int next_check_ms(const struct sbx_execution *execution) {
  int64_t until = execution->interrupted ? execution->interrupted + grace_us : execution->deadline;
  int64_t left = (until - sbx_now_us() + 999) / 1000;
  if (left < 0) left = 0;
  // Processor time of a whole tree has no alarm: it is looked at from time to time.
  if (execution->request->cpu_ms > 0 && left > cpu_check_ms) left = cpu_check_ms;
  if (!execution->init->workspaces.mounts && left > quota_check_ms) left = quota_check_ms;
  return left > 60000 ? 60000 : (int)left;
}

void sbx_watch(struct sbx_execution *execution) {
  struct sbx_init *init = execution->init;
  take_frames(execution);
  while (!finished(execution)) {
    int main_channel = execution->session ? execution->session->channel
      : execution->request->zygote ? init->zygote : execution->start_channel;
    struct pollfd waits[] = {
      {SBX_SERVER_FD, POLLIN, 0}, {init->launcher, POLLIN, 0}, {init->deaths, POLLIN, 0}, {main_channel, POLLIN, 0},
      {init->listener, POLLIN, 0}, {execution->listener, POLLIN, 0}, {execution->input.fd, POLLOUT, 0},
      {execution->out.fd, POLLIN, 0}, {execution->err.fd, POLLIN, 0},
    };
    if (poll(waits, sizeof waits / sizeof *waits, next_check_ms(execution)) < 0 && errno != EINTR) _exit(1);
    if (waits[1].revents) _exit(1);
    if (waits[0].revents) hear_server(execution);
    if (waits[3].revents) {
      if (execution->session) hear_session(execution);
      else if (execution->request->zygote) sbx_watch_zygote(execution);
      else sbx_start_hear(execution);
    }
    if (waits[2].revents) hear_deaths(execution);
    if (waits[4].revents & POLLIN) answer_refusal(execution, init->listener);
    if (waits[5].revents & POLLIN) answer_refusal(execution, execution->listener);
    else if (waits[5].revents) sbx_close(&execution->listener);
    if (waits[6].revents) sbx_feed_write(&execution->input);
    if (waits[7].revents) sbx_stream_read(&execution->out);
    if (waits[8].revents) sbx_stream_read(&execution->err);
    check_limits(execution);
  }
}
