#define _GNU_SOURCE
#include "execution.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "files.h"
#include "limits.h"
#include "lockdown.h"
#include "view.h"

enum outcome { running, exited, signaled, wall, cpu, memory, output, violation, cancelled, failed };
static const char *const outcome_names[] = {
  "running", "exited", "signaled", "wall", "cpu", "memory", "output", "violation", "cancelled", "failed",
};

enum { settle_us = 2000000, refusals_max = 100, output_first = 4096 };

struct stream {
  int fd;
  uint8_t *bytes;
  size_t count, capacity, limit;
  bool truncated;
};

struct execution {
  struct sbx_init *init;
  const struct sbx_request *request;
  enum outcome outcome;
  int input;
  size_t input_sent;
  struct stream out, err;
  /// The run's first process as init numbers it, once it is known; whether it has ended, and how.
  pid_t pid;
  bool ended;
  int status;
  int64_t cpu_us, peak_kib;
  /// Of exec runs: where the process tells why it could not be executed, and its refused calls.
  int start_channel, listener;
  char refused[48];
  int refusals;
  int64_t began, prepared, started, deadline, cpu_before;
  struct sbx_failure failure;
};

static void end(struct execution *execution, enum outcome outcome) {
  if (execution->outcome == running) execution->outcome = outcome;
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

// Output

static bool stream_grow(struct stream *stream) {
  if (stream->count < stream->capacity) return true;
  size_t capacity = stream->capacity ? stream->capacity * 4 : output_first;
  if (capacity > stream->limit) capacity = stream->limit;
  uint8_t *bytes = realloc(stream->bytes, capacity);
  if (!bytes) return false;
  stream->bytes = bytes;
  stream->capacity = capacity;
  return true;
}

// Takes what is there. False once there is nothing more to expect: the end, or output beyond the limit.
static bool stream_read(struct stream *stream) {
  while (stream->fd >= 0) {
    char beyond;
    bool full = stream->count >= stream->limit || !stream_grow(stream);
    ssize_t count = full ? read(stream->fd, &beyond, 1)
                         : read(stream->fd, stream->bytes + stream->count, stream->capacity - stream->count);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return true;
    if (count <= 0) {
      close_fd(&stream->fd);
      return false;
    }
    if (full) {
      stream->truncated = true;
      return false;
    }
    stream->count += (size_t)count;
  }
  return false;
}

static void feed_input(struct execution *execution) {
  struct sbx_span input = execution->request->input;
  while (execution->input_sent < input.count) {
    ssize_t count = write(execution->input, input.bytes + execution->input_sent, input.count - execution->input_sent);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) break;
    execution->input_sent += (size_t)count;
  }
  close_fd(&execution->input);
}

// Starting

static int make_pipes(struct execution *execution, int given[3]) {
  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
  bool piped = execution->request->input.count > 0;
  if ((piped && pipe2(in, O_CLOEXEC) < 0) || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0) {
    int all[] = {in[0], in[1], out[0], out[1]};
    sbx_fail(&execution->failure, "pipe2");
    for (int i = 0; i < 4; i++) close_fd(&all[i]);
    return -1;
  }
  // Only our ends do not block: the flag belongs to the open file, and each end is one of its own.
  if (piped) fcntl(in[1], F_SETFL, O_NONBLOCK);
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  fcntl(err[0], F_SETFL, O_NONBLOCK);
  execution->input = in[1];
  execution->out.fd = out[0];
  execution->err.fd = err[0];
  given[0] = piped ? in[0] : execution->init->null;
  given[1] = out[1];
  given[2] = err[1];
  return 0;
}

static int start_zygote_run(struct execution *execution, const int given[3]) {
  struct sbx_init *init = execution->init;
  if (init->zygote < 0 && sbx_init_start_zygote(init, &execution->failure) < 0) return -1;
  int program = sbx_zygote_program(execution->request);
  if (program < 0) {
    errno = -program;
    return sbx_fail(&execution->failure, "memory file for the program");
  }
  struct sbx_limit limits[SBX_LIMITS_MAX];
  int count = sbx_limits_of(execution->request, init->configuration->work_bytes, init->cgroup->has_memory, limits);
  int fds[] = {given[0], given[1], given[2], program};
  int error = sbx_zygote_request(init->zygote, 'F', limits, count, fds, 4);
  close(program);
  if (error == 0) return 0;
  errno = -error;
  close_fd(&init->zygote);
  return sbx_fail(&execution->failure, "the zygote does not take requests");
}

static _Noreturn void become_program(struct execution *execution, const int given[3], int channel) {
  struct sbx_init *init = execution->init;
  struct sbx_failure failure;
  const struct sbx_request *request = execution->request;
  struct sbx_lockdown lockdown = {
    .id = sbx_view_run_id(init->configuration), .ruleset = init->ruleset, .filter = init->filter};
  struct sbx_limit limits[SBX_LIMITS_MAX];
  int count = sbx_limits_of(request, init->configuration->work_bytes, init->cgroup->has_memory, limits), listener = -1;
  setsid();
  sbx_lockdown_reset_signals();
  for (int i = 0; i < 3; i++) dup2(given[i], i);
  char work[4096];
  snprintf(work, sizeof work, "%s/work", sbx_view_box(init->configuration));
  int joined = init->cgroup->version == 0 ? 0 : sbx_cgroup_add_self(init->cgroup);
  if (joined < 0) {
    errno = -joined;
    sbx_fail(&failure, "join the control group");
  } else if (chdir(work) < 0) {
    sbx_fail(&failure, "chdir %s", work);
  } else if (sbx_limits_set_fixed(&failure) == 0 && sbx_limits_set(limits, count, &failure) == 0 &&
             sbx_lockdown(&lockdown, &listener, &failure) == 0) {
    const char kind = SBX_ZYGOTE_LISTENER;
    sbx_channel_send(channel, &kind, 1, &listener, listener >= 0 ? 1 : 0);
    char *none[] = {NULL}, **environment = init->configuration->environment.items;
    execvpe(request->arguments.items[0], request->arguments.items, environment ? environment : none);
    sbx_fail(&failure, "execute %.400s", request->arguments.items[0]);
  }
  sbx_channel_send(channel, failure.text, strlen(failure.text), NULL, 0);
  _exit(127);
}

static int start_program(struct execution *execution, const int given[3]) {
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
  execution->pid = pid;
  return 0;
}

static int place_files(struct execution *execution) {
  struct sbx_init *init = execution->init;
  if (execution->request->file_count == 0) return 0;
  int dir = sbx_workspace_open(&init->workspaces, &init->current, "work");
  if (dir < 0) return sbx_fail(&execution->failure, "open the work directory");
  int result = sbx_files_place(dir, execution->request, init->workspaces.owner, &execution->failure);
  close(dir);
  return result;
}

// The last run's directory stays until the next request, which may want to go on in it.
static int take_workspace(struct execution *execution) {
  struct sbx_init *init = execution->init;
  if (!execution->request->fresh) return 0;
  if (sbx_workspace_park(&init->workspaces, &init->current, &execution->failure) < 0) return -1;
  struct sbx_workspace last = init->current;
  init->current = init->spare;
  init->spare = last;
  return sbx_workspace_activate(&init->workspaces, &init->current, &execution->failure);
}

static int start(struct execution *execution) {
  int given[3];
  if (take_workspace(execution) < 0 || place_files(execution) < 0 || make_pipes(execution, given) < 0) return -1;
  sbx_init_limit_memory(execution->init, execution->request->memory_bytes);
  execution->prepared = sbx_now_us();
  int result = execution->request->zygote ? start_zygote_run(execution, given) : start_program(execution, given);
  if (given[0] != execution->init->null) close(given[0]);
  close(given[1]);
  close(given[2]);
  return result;
}

// Watching

static void protect_zygote(struct execution *execution) {
  // When memory runs out, the run has to go before the zygote does.
  if (execution->init->proc < 0 || execution->pid <= 0) return;
  char path[48];
  snprintf(path, sizeof path, "%d/oom_score_adj", (int)execution->pid);
  int fd = openat(execution->init->proc, path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, "1000", 4) < 0) errno = 0;
  close(fd);
}

static void hear_zygote(struct execution *execution) {
  char message[256];
  pid_t sender;
  ssize_t count = sbx_channel_receive(execution->init->zygote, message, sizeof message - 1, NULL, NULL, &sender);
  if (count == -EAGAIN) return;
  if (count <= 0) {
    close_fd(&execution->init->zygote);
    sbx_fail_plain(&execution->failure, "the zygote died");
    return end(execution, failed);
  }
  if (message[0] == SBX_ZYGOTE_STARTED) {
    execution->started = sbx_now_us();
    execution->pid = sender;
    protect_zygote(execution);
  } else if (message[0] == SBX_ZYGOTE_ENDED && count == sizeof(struct sbx_zygote_ended)) {
    struct sbx_zygote_ended ended;
    memcpy(&ended, message, sizeof ended);
    execution->ended = true;
    execution->status = ended.status;
    execution->cpu_us += ended.user_us + ended.system_us;
    execution->peak_kib = ended.peak_kib;
  } else if (message[0] == SBX_ZYGOTE_ERROR) {
    message[count] = 0;
    sbx_fail_plain(&execution->failure, "the zygote could not fork: %s", message + 1);
    end(execution, failed);
  }
}

static void hear_program(struct execution *execution) {
  char message[sizeof execution->failure.text];
  int fds[SBX_MESSAGE_FDS];
  size_t fd_count = 0;
  ssize_t count = sbx_channel_receive(execution->start_channel, message, sizeof message - 1, fds, &fd_count, NULL);
  if (count == -EAGAIN) return;
  if (count <= 0) {
    // Closed by execve: from here on the program itself runs.
    close_fd(&execution->start_channel);
    if (!execution->started) execution->started = sbx_now_us();
  } else if (message[0] == SBX_ZYGOTE_LISTENER && count == 1) {
    if (fd_count > 0) execution->listener = fds[0];
    protect_zygote(execution);
  } else {
    message[count] = 0;
    sbx_fail_plain(&execution->failure, "%s", message);
    end(execution, failed);
  }
}

static void answer_refusal(struct execution *execution, int listener) {
  struct sbx_refusal refusal;
  if (sbx_filter_answer(listener, &refusal) < 0 || refusal.name[0] == 0) return;
  if (execution->refused[0] == 0) memcpy(execution->refused, refusal.name, sizeof execution->refused);
  if (refusal.fatal || ++execution->refusals > refusals_max) end(execution, violation);
}

// Orphans of the run are ours to bury; an exec run's first process is, too.
static void reap(struct execution *execution, int flags) {
  struct rusage usage;
  int status;
  pid_t pid;
  while ((pid = wait4(-1, &status, flags, &usage)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid < 0) continue;
    execution->cpu_us += (int64_t)usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
                         (int64_t)usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
    if (pid == execution->pid && !execution->request->zygote) {
      execution->ended = true;
      execution->status = status;
      execution->peak_kib = usage.ru_maxrss;
    }
  }
}

static void hear_server(struct execution *execution) {
  struct sbx_init *init = execution->init;
  long count = sbx_inbox_fill(&init->inbox, SBX_SERVER_FD);
  if (count == 0 || (count < 0 && count != -EAGAIN)) _exit(0);
  struct sbx_span frame;
  int have;
  while ((have = sbx_inbox_next(&init->inbox, &frame)) > 0) {
    int64_t id = -1, none = 0;
    const char *wrong = sbx_ids_parse((struct sbx_span){frame.bytes + 1, frame.count - 1}, &id, &none);
    if (frame.bytes[0] != SBX_CANCEL || wrong) sbx_init_fault(init, "only CANCEL may follow while a run is on");
    if (id == execution->request->id) end(execution, cancelled);
  }
  if (have < 0) sbx_init_fault(init, "a frame is malformed");
}

static void check_limits(struct execution *execution) {
  int64_t now = sbx_now_us();
  if (now >= execution->deadline) {
    if (execution->started) return end(execution, wall);
    sbx_fail_plain(&execution->failure, "the zygote did not answer in time");
    close_fd(&execution->init->zygote);
    return end(execution, failed);
  }
  if (execution->request->cpu_ms <= 0 || execution->cpu_before < 0) return;
  int64_t used = sbx_cgroup_cpu_usec(execution->init->cgroup);
  if (used >= 0 && used - execution->cpu_before > execution->request->cpu_ms * 1000) end(execution, cpu);
}

static int next_check_ms(const struct execution *execution) {
  int64_t left = (execution->deadline - sbx_now_us() + 999) / 1000;
  if (left < 0) left = 0;
  // Processor time of a whole tree has no alarm: it is looked at from time to time.
  if (execution->request->cpu_ms > 0 && execution->cpu_before >= 0 && left > 20) left = 20;
  return left > 60000 ? 60000 : (int)left;
}

static void watch(struct execution *execution) {
  struct sbx_init *init = execution->init;
  while (execution->outcome == running && !execution->ended) {
    struct pollfd waits[] = {
      {SBX_SERVER_FD, POLLIN, 0}, {init->launcher, POLLIN, 0}, {init->deaths, POLLIN, 0},
      {execution->request->zygote ? init->zygote : execution->start_channel, POLLIN, 0},
      {init->listener, POLLIN, 0}, {execution->listener, POLLIN, 0}, {execution->input, POLLOUT, 0},
      {execution->out.fd, POLLIN, 0}, {execution->err.fd, POLLIN, 0},
    };
    int ready = poll(waits, sizeof waits / sizeof *waits, next_check_ms(execution));
    if (ready < 0 && errno != EINTR) _exit(1);
    if (waits[0].revents) hear_server(execution);
    if (waits[1].revents) _exit(1);
    if (waits[2].revents) {
      struct signalfd_siginfo death;
      while (read(init->deaths, &death, sizeof death) > 0) continue;
      reap(execution, WNOHANG);
    }
    if (waits[3].revents) execution->request->zygote ? hear_zygote(execution) : hear_program(execution);
    if (waits[4].revents & POLLIN) answer_refusal(execution, init->listener);
    if (waits[5].revents & POLLIN) answer_refusal(execution, execution->listener);
    else if (waits[5].revents) close_fd(&execution->listener);
    if (waits[6].revents) feed_input(execution);
    if (waits[7].revents && !stream_read(&execution->out) && execution->out.truncated) end(execution, output);
    if (waits[8].revents && !stream_read(&execution->err) && execution->err.truncated) end(execution, output);
    check_limits(execution);
  }
}

// Ending

// Nothing of the run lives on: all processes of the slot but init are killed and buried. The zygote tells how its child
// ended; one that does not is replaced.
static void settle(struct execution *execution) {
  struct sbx_init *init = execution->init;
  int64_t deadline = sbx_now_us() + settle_us;
  while (kill(-1, SIGKILL) == 0) reap(execution, 0);
  reap(execution, WNOHANG);
  while (execution->request->zygote && init->zygote >= 0 && !execution->ended && sbx_now_us() < deadline) {
    struct pollfd waits[] = {{init->zygote, POLLIN, 0}, {init->listener, POLLIN, 0}};
    if (execution->outcome == failed && execution->pid == 0) break;
    if (poll(waits, 2, 50) < 0 && errno != EINTR) _exit(1);
    struct sbx_refusal refusal;
    if (waits[1].revents & POLLIN) sbx_filter_answer(init->listener, &refusal);
    if (waits[0].revents) hear_zygote(execution);
    // It may have been about to fork when the others were killed.
    while (kill(-1, SIGKILL) == 0) reap(execution, 0);
  }
  if (execution->request->zygote && !execution->ended) close_fd(&init->zygote);
  stream_read(&execution->out);
  stream_read(&execution->err);
}

static void classify(struct execution *execution) {
  const int exhausted = SIGRTMAX;
  int status = execution->status;
  if (execution->outcome == running) {
    if (WIFEXITED(status)) execution->outcome = exited;
    else if (execution->request->zygote && WTERMSIG(status) == exhausted) execution->outcome = memory;
    else if (WTERMSIG(status) == SIGXCPU) execution->outcome = cpu;
    else execution->outcome = signaled;
  }
  if (execution->outcome == signaled && WTERMSIG(status) == SIGSYS) execution->outcome = violation;
  if (execution->out.truncated || execution->err.truncated) {
    if (execution->outcome == exited || execution->outcome == signaled) execution->outcome = output;
  }
}

static void reply(struct execution *execution, int64_t ended_at) {
  struct sbx_init *init = execution->init;
  struct sbx_frame *frame = &init->reply;
  enum outcome outcome = execution->outcome;
  sbx_frame_begin(frame, SBX_RESULT);
  sbx_frame_integer(frame, SBX_TAG_ID, execution->request->id);
  sbx_frame_text(frame, SBX_TAG_OUTCOME, outcome_names[outcome]);
  if (outcome == exited) sbx_frame_integer(frame, SBX_TAG_EXIT_CODE, WEXITSTATUS(execution->status));
  if (outcome == signaled) sbx_frame_integer(frame, SBX_TAG_SIGNAL, WTERMSIG(execution->status));
  sbx_frame_bytes(frame, SBX_TAG_STDOUT, execution->out.bytes, execution->out.count);
  sbx_frame_bytes(frame, SBX_TAG_STDERR, execution->err.bytes, execution->err.count);
  sbx_frame_integer(frame, SBX_TAG_STDOUT_TRUNCATED, execution->out.truncated);
  sbx_frame_integer(frame, SBX_TAG_STDERR_TRUNCATED, execution->err.truncated);
  sbx_frame_integer(frame, SBX_TAG_WALL, ended_at - execution->prepared);
  sbx_frame_integer(frame, SBX_TAG_CPU, execution->cpu_us);
  int64_t peak = execution->init->cgroup->has_memory ? sbx_cgroup_peak(init->cgroup) : -1;
  sbx_frame_integer(frame, SBX_TAG_PEAK, peak > 0 ? peak : execution->peak_kib * 1024);
  if (execution->refused[0]) sbx_frame_text(frame, SBX_TAG_REFUSED, execution->refused);
  if (execution->request->collect.count > 0 && outcome != failed) {
    int dir = sbx_workspace_open(&init->workspaces, &init->current, "work");
    if (dir >= 0) sbx_files_collect(dir, execution->request, frame);
    if (dir >= 0) close(dir);
  }
  sbx_frame_integer(frame, SBX_TAG_PREPARE, execution->prepared - execution->began);
  sbx_frame_integer(frame, SBX_TAG_FORK, execution->started ? execution->started - execution->prepared : 0);
  sbx_frame_integer(frame, SBX_TAG_CLEAN, sbx_now_us() - ended_at);
  if (outcome == failed) sbx_frame_text(frame, SBX_TAG_ERROR, execution->failure.text);
  if (sbx_frame_send(frame, SBX_SERVER_FD) < 0) _exit(0);
}

static void release(struct execution *execution) {
  struct sbx_init *init = execution->init;
  int *fds[] = {&execution->input, &execution->out.fd, &execution->err.fd, &execution->start_channel,
                &execution->listener};
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) close_fd(fds[i]);
  free(execution->out.bytes);
  free(execution->err.bytes);
  if (execution->request->fresh) {
    sbx_workspace_destroy(&init->workspaces, &init->spare);
    if (sbx_workspace_make(&init->workspaces, &init->spare, &execution->failure) < 0) {
      sbx_init_fault(init, execution->failure.text);
    }
  }
  if (init->configuration->zygote.count > 0 && init->zygote < 0) sbx_init_start_zygote(init, &execution->failure);
}

void sbx_execution_run(struct sbx_init *init, const struct sbx_request *request) {
  struct execution execution = {
    .init = init, .request = request, .input = -1, .out = {.fd = -1}, .err = {.fd = -1}, .start_channel = -1,
    .listener = -1, .began = sbx_now_us(), .cpu_before = -1,
  };
  execution.out.limit = execution.err.limit = (size_t)request->output_bytes;
  if (request->cpu_ms > 0 && init->cgroup->version != 0) execution.cpu_before = sbx_cgroup_cpu_usec(init->cgroup);
  if (init->cgroup->has_memory) sbx_cgroup_reset_peak(init->cgroup);
  execution.prepared = execution.began;
  if (start(&execution) < 0) end(&execution, failed);
  execution.deadline = execution.prepared + request->wall_ms * 1000;
  watch(&execution);
  settle(&execution);
  classify(&execution);
  reply(&execution, sbx_now_us());
  release(&execution);
}
