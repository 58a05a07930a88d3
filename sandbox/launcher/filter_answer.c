// Answers to refused calls, given by the process that holds the listener.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "filter.h"
#include "filter_calls.h"
#include "filter_signals.h"

static void name_call(const struct seccomp_data *call, char *name, size_t size) {
  char *known = seccomp_syscall_resolve_num_arch(call->arch, call->nr);
  if (known != NULL)
    snprintf(name, size, "%s", known);
  else
    snprintf(name, size, "call %d", call->nr);
  free(known);
}

static bool is_fatal(const struct seccomp_data *call, const char *name) {
  if (strcmp(name, "clone") == 0) return (call->args[0] & sbx_clone_refused_flags) != 0;
  if (strcmp(name, "ioctl") == 0) return (uint32_t)call->args[1] == TIOCSTI || (uint32_t)call->args[1] == TIOCLINUX;
  for (const char *const *fatal = sbx_fatal_calls; *fatal != NULL; fatal++)
    if (strcmp(name, *fatal) == 0) return true;
  return false;
}

// Calls that programs try and do without, told by one argument; no reason for a record.
static const struct {
  const char *name;
  unsigned index;
  uint32_t value;
  int error;
} quiet_calls[] = {
    {"ioctl", 1, FS_IOC_FIEMAP, EOPNOTSUPP},
    {"ioctl", 1, FS_IOC_FSGETXATTR, EOPNOTSUPP},
    {"prctl", 0, PR_SET_PTRACER, EINVAL},
    {"prctl", 0, PR_SET_SECCOMP, EINVAL},
    // Where sockets are denied: the C library asks a name service through one (id, ls -l), then reads the files itself.
    {"socket", 0, AF_UNIX, EACCES},
};

// The error of a quiet call, or 0.
static int quiet_error(const struct seccomp_data *call, const char *name) {
  for (size_t i = 0; i < sizeof quiet_calls / sizeof quiet_calls[0]; i++)
    if (strcmp(name, quiet_calls[i].name) == 0 && (uint32_t)call->args[quiet_calls[i].index] == quiet_calls[i].value)
      return quiet_calls[i].error;
  return 0;
}

// The error that programs expect of a call they may have to do without.
static int refusal_error(const char *name, bool fatal) {
  if (strcmp(name, "socket") == 0 || strcmp(name, "socketpair") == 0) return EACCES;
  if (strcmp(name, "ioctl") == 0 && !fatal) return ENOTTY;
  if (strcmp(name, "fallocate") == 0) return EOPNOTSUPP;
  return EPERM;
}

static bool is_signal(const char *name) {
  for (const char *const *signal = sbx_signal_calls; *signal != NULL; signal++)
    if (strcmp(name, *signal) == 0) return true;
  return false;
}

// Fills in the response. Whether the call was refused and is to be recorded.
static bool answer(const struct seccomp_notif *request, struct sbx_refusal *refusal,
                   struct seccomp_notif_resp *response) {
  const struct seccomp_data *call = &request->data;
  int error = quiet_error(call, refusal->name);
  if (error != 0) {
    response->error = -error;
    return false;
  }
  enum sbx_signal_verdict verdict = SBX_SIGNAL_REFUSE;
  if (is_signal(refusal->name)) verdict = sbx_filter_signal(refusal->pid, refusal->name, call, &response->error);
  if (verdict == SBX_SIGNAL_CONTINUE) response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  if (verdict != SBX_SIGNAL_REFUSE) return false;
  refusal->fatal = is_fatal(call, refusal->name);
  response->error = -refusal_error(refusal->name, refusal->fatal);
  return true;
}

int sbx_filter_answer(int listener, struct sbx_refusal *refusal) {
  // Room beyond the structures that we know, for kernels that know longer ones; both must start as zeros.
  union {
    struct seccomp_notif notification;
    char room[512];
  } request = {.room = {0}};
  union {
    struct seccomp_notif_resp response;
    char room[256];
  } reply = {.room = {0}};
  *refusal = (struct sbx_refusal){0};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0) return -errno;
  refusal->pid = (pid_t)request.notification.pid;
  name_call(&request.notification.data, refusal->name, sizeof refusal->name);
  reply.response.id = request.notification.id;
  if (!answer(&request.notification, refusal, &reply.response)) refusal->name[0] = '\0';
  // The caller may have been killed since; its call is on record all the same.
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) < 0 && errno != ENOENT) return -errno;
  return 0;
}
