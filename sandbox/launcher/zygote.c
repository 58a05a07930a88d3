#define _GNU_SOURCE
#include "zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "channel.h"
#include "landlock.h"
#include "lockdown.h"
#include "view.h"

enum { channel_fd = 3 };

// A server that is spared when memory runs out would pass that on to run code.
static void take_oom_score(void) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t ignored = write(fd, "500", 3);
  (void)ignored;
  close(fd);
}

static int prepare(const struct sbx_zygote_plan *plan, pid_t launcher, int *listener, struct sbx_failure *failure) {
  take_oom_score();
  int joined = plan->cgroup->version == 0 ? 0 : sbx_cgroup_add_self(plan->cgroup);
  if (joined < 0) {
    errno = -joined;
    return sbx_fail(failure, "join the control group");
  }
  if (plan->configuration->namespaces && sbx_namespaces_enter(plan->namespaces, failure) < 0) return -1;
  if (plan->configuration->namespaces) sbx_namespaces_hide_cgroup();
  if (chdir("/") < 0) return sbx_fail(failure, "chdir /");
  sbx_lockdown_reset_signals();
  if (sbx_lockdown_descriptors(channel_fd + 1, false, failure) < 0) return -1;
  if (sbx_limits_set_fixed(failure) < 0) return -1;
  struct sbx_lockdown lockdown = {
    .id = sbx_view_run_id(plan->configuration), .ruleset = -1, .filter = plan->filter, .parent = launcher};
  if (sbx_view_rules(plan->configuration, &lockdown.ruleset, failure) < 0) return -1;
  return sbx_lockdown(&lockdown, listener, failure);
}

static _Noreturn void become_zygote(const struct sbx_zygote_plan *plan, pid_t launcher) {
  struct sbx_failure failure;
  int listener = -1;
  setsid();
  if (prepare(plan, launcher, &listener, &failure) == 0) {
    const char kind = SBX_ZYGOTE_LISTENER;
    sbx_channel_send(channel_fd, &kind, 1, &listener, listener >= 0 ? 1 : 0);
    if (listener >= 0) close(listener);
    char **arguments = plan->configuration->zygote.items, **environment = plan->configuration->environment.items;
    char *none[] = {NULL};
    execve(arguments[0], arguments, environment ? environment : none);
    sbx_fail(&failure, "execve %s", arguments[0]);
  }
  char message[sizeof failure.text + 1] = {SBX_ZYGOTE_FAILED};
  memcpy(message + 1, failure.text, sizeof failure.text);
  sbx_channel_send(channel_fd, message, 1 + strlen(failure.text), NULL, 0);
  _exit(127);
}

int sbx_zygote_start(const struct sbx_zygote_plan *plan, struct sbx_zygote_process *process,
                     struct sbx_failure *failure) {
  int channel[2], errors[2];
  if (sbx_channel_pair(channel) < 0) return sbx_fail(failure, "socketpair for the zygote");
  if (pipe2(errors, O_CLOEXEC) < 0) return sbx_fail(failure, "pipe for the zygote");
  pid_t launcher = getpid(), pid = fork();
  if (pid == 0) {
    // The zygote's reads are blocking ones; the order keeps descriptor 3 from being closed by its own duplicate.
    fcntl(channel[1], F_SETFL, 0);
    dup2(plan->null, 0);
    dup2(plan->null, 1);
    dup2(errors[1], 2);
    dup2(channel[1], channel_fd);
    become_zygote(plan, launcher);
  }
  if (pid < 0) sbx_fail(failure, "fork the zygote");
  close(channel[1]);
  close(errors[1]);
  if (pid < 0) {
    close(channel[0]);
    close(errors[0]);
    return -1;
  }
  *process = (struct sbx_zygote_process){pid, channel[0], errors[0]};
  return 0;
}

int sbx_zygote_request(int channel, char kind, int64_t seed, const struct sbx_limit *limits, int limit_count,
                       const int *fds, size_t fd_count) {
  enum { head = 1 + sizeof seed };
  char message[head + SBX_LIMITS_MAX * sizeof *limits] = {kind};
  memcpy(message + 1, &seed, sizeof seed);
  memcpy(message + head, limits, (size_t)limit_count * sizeof *limits);
  return sbx_channel_send(channel, message, head + (size_t)limit_count * sizeof *limits, fds, fd_count);
}

static int write_all(int fd, const void *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(fd, bytes, count);
    if (written < 0) return -errno;
    bytes = (const char *)bytes + written;
    count -= (size_t)written;
  }
  return 0;
}

static int write_counted(int fd, const void *bytes, size_t count) {
  uint32_t length = (uint32_t)count;
  int error = write_all(fd, &length, sizeof length);
  return error < 0 ? error : write_all(fd, bytes, count);
}

int sbx_zygote_program(const struct sbx_request *request) {
  int fd = memfd_create("program", MFD_CLOEXEC);
  if (fd < 0) return -errno;
  uint32_t count = (uint32_t)request->arguments.count;
  int error = write_all(fd, &count, sizeof count);
  for (size_t i = 0; i < request->arguments.count && error == 0; i++) {
    error = write_counted(fd, request->arguments.items[i], strlen(request->arguments.items[i]));
  }
  if (error == 0) error = write_counted(fd, request->code.bytes, request->code.count);
  if (error == 0) return fd;
  close(fd);
  return error;
}
