// Answers to refused calls, given by the process that holds the listener.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
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

// Questions about a file that programs ask to save work, and do without; no reason for a record.
static bool is_idle_question(const struct seccomp_data *call, const char *name) {
  return strcmp(name, "ioctl") == 0 &&
         ((uint32_t)call->args[1] == FS_IOC_FIEMAP || (uint32_t)call->args[1] == FS_IOC_FSGETXATTR);
}

// The error that programs expect of a call they may have to do without.
static int refusal_error(const char *name, bool fatal) {
  if (strcmp(name, "socket") == 0 || strcmp(name, "socketpair") == 0) return EACCES;
  if (strcmp(name, "ioctl") == 0 && !fatal) return ENOTTY;
  return EPERM;
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
  } answer = {.room = {0}};
  *refusal = (struct sbx_refusal){0};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0) return -errno;
  const struct seccomp_data *call = &request.notification.data;
  refusal->pid = (pid_t)request.notification.pid;
  name_call(call, refusal->name, sizeof refusal->name);
  refusal->fatal = is_fatal(call, refusal->name);
  answer.response.id = request.notification.id;
  answer.response.error = -refusal_error(refusal->name, refusal->fatal);
  if (is_idle_question(call, refusal->name)) {
    answer.response.error = -EOPNOTSUPP;
    refusal->name[0] = '\0';
  }
  // The caller may have been killed since; its call is on record all the same.
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0 && errno != ENOENT) return -errno;
  return 0;
}
