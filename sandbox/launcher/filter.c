#define _GNU_SOURCE
#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter_calls.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

struct sbx_instruction {
  struct sock_filter bpf;
};
_Static_assert(sizeof(struct sbx_instruction) == sizeof(struct sock_filter), "an instruction is the kernel's");

// What a refused call gets is decided after compiling: the list is compiled once, with these two marks in the place of
// the answers, and both programs are made from it.
#define MARK_REFUSED SCMP_ACT_TRACE(1)
#define MARK_FATAL SCMP_ACT_TRACE(2)

static bool is_extra(const struct sbx_filter_options *options, const char *name) {
  for (size_t i = 0; i < options->extra_count; i++)
    if (strcmp(options->extra[i], name) == 0) return true;
  return false;
}

bool sbx_filter_knows(const char *name) { return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR; }

// Rules without arguments. An architecture that lacks the call needs no rule.
static int add_plain(scmp_filter_ctx context, uint32_t action, const char *name) {
  int number = sbx_call_number(name);
  return number < 0 ? 0 : seccomp_rule_add(context, action, number, 0);
}

static int add_checked(scmp_filter_ctx context, const char *name, unsigned count, const struct scmp_arg_cmp *checks) {
  int number = sbx_call_number(name);
  return number < 0 ? 0 : seccomp_rule_add_array(context, SCMP_ACT_ALLOW, number, count, checks);
}

static int add_names(scmp_filter_ctx context, const struct sbx_filter_options *options, uint32_t action,
                     const char *const *names) {
  for (; *names != NULL; names++) {
    if (is_extra(options, *names)) continue;
    int error = add_plain(context, action, *names);
    if (error < 0) return error;
  }
  return 0;
}

static int add_extra(scmp_filter_ctx context, const struct sbx_filter_options *options) {
  for (size_t i = 0; i < options->extra_count; i++) {
    if (!sbx_filter_knows(options->extra[i])) return -EINVAL;
    int error = add_plain(context, SCMP_ACT_ALLOW, options->extra[i]);
    if (error < 0 && error != -EEXIST) return error;
  }
  return 0;
}

static int add_silent(scmp_filter_ctx context, const struct sbx_filter_options *options) {
  for (const struct sbx_silent_call *call = sbx_silent_calls; call->name != NULL; call++) {
    if (is_extra(options, call->name)) continue;
    int error = add_plain(context, SCMP_ACT_ERRNO(call->error), call->name);
    if (error < 0) return error;
  }
  return 0;
}

static int add_checked_calls(scmp_filter_ctx context, const struct sbx_filter_options *options) {
  for (const struct sbx_checked_call *call = sbx_checked_calls; call->name != NULL; call++) {
    if (is_extra(options, call->name)) continue;
    const struct sbx_check *first = &call->check, *second = &call->second;
    const struct scmp_arg_cmp checks[] = {
        SCMP_CMP64(first->index, SCMP_CMP_MASKED_EQ, first->mask, first->value),
        SCMP_CMP64(second->index, SCMP_CMP_MASKED_EQ, second->mask, second->value),
    };
    int error = add_checked(context, call->name, second->mask == 0 ? 1 : 2, checks);
    if (error < 0) return error;
  }
  if (is_extra(options, "clone")) return 0;
  const struct scmp_arg_cmp plain_clone = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, sbx_clone_refused_flags, 0);
  return add_checked(context, "clone", 1, &plain_clone);
}

// Unix sockets only: AF_VSOCK, AF_ALG, AF_NETLINK and the rest are not all bounded by a network namespace. Where even a
// Unix socket could reach the host, pairs remain, but not of datagrams: those can be sent to any address.
static int add_sockets(scmp_filter_ctx context, const struct sbx_filter_options *options) {
  const struct scmp_arg_cmp is_unix = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, 0xffffffff, AF_UNIX);
  if (!options->deny_sockets) {
    int error = is_extra(options, "socket") ? 0 : add_checked(context, "socket", 1, &is_unix);
    if (error < 0 || is_extra(options, "socketpair")) return error;
    return add_checked(context, "socketpair", 1, &is_unix);
  }
  if (is_extra(options, "socketpair")) return 0;
  static const int connected[] = {SOCK_STREAM, SOCK_SEQPACKET};
  for (size_t i = 0; i < 2; i++) {
    // 0xf is the kernel's SOCK_TYPE_MASK; flags such as SOCK_CLOEXEC lie above.
    const struct scmp_arg_cmp checks[] = {is_unix, SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xf, connected[i])};
    int error = add_checked(context, "socketpair", 2, checks);
    if (error < 0) return error;
  }
  return 0;
}

static int add_rules(scmp_filter_ctx context, const struct sbx_filter_options *options) {
  int error = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  // A binary tree over the numbers. The kernel runs a new filter once for each call there is, to learn which are always
  // allowed, so a shorter path makes loading quicker too.
  if (error == 0) seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (error == 0) error = add_extra(context, options);
  if (error == 0) error = add_names(context, options, SCMP_ACT_ALLOW, sbx_allowed_calls);
  if (error == 0 && !options->deny_signals) error = add_names(context, options, SCMP_ACT_ALLOW, sbx_signal_calls);
  if (error == 0) error = add_names(context, options, MARK_FATAL, sbx_fatal_calls);
  if (error == 0) error = add_silent(context, options);
  if (error == 0) error = add_checked_calls(context, options);
  if (error == 0) error = add_sockets(context, options);
  return error;
}

// Calls that are younger than libseccomp get ENOSYS, as from a kernel without them: libraries then take an older call,
// which EPERM would keep them from.
static int first_unknown_number(void) {
  int last = 0;
  for (int number = 400; number < 1024; number++) {
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    if (name != NULL) last = number;
    free(name);
  }
  return last + 1;
}

// The instructions before libseccomp's own: unknown numbers, but not x32's, which carry bit 30 and are killed there.
#define PROLOGUE 6
static void put_prologue(struct sbx_instruction *code) {
  const struct sock_filter prologue[PROLOGUE] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first_unknown_number(), 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  memcpy(code, prologue, sizeof prologue);
}

// libseccomp writes programs to descriptors only (until 2.6).
static int export_code(scmp_filter_ctx context, struct sbx_filter *filter) {
  int fd = memfd_create("filter", MFD_CLOEXEC);
  if (fd < 0) return -errno;
  int error = seccomp_export_bpf(context, fd);
  off_t size = error == 0 ? lseek(fd, 0, SEEK_END) : 0;
  size_t length = (size_t)size / sizeof(struct sock_filter);
  if (error == 0 && (size < 0 || length + PROLOGUE > BPF_MAXINSNS)) error = -E2BIG;
  if (error == 0) {
    filter->length = (unsigned short)(length + PROLOGUE);
    filter->code = calloc(filter->length, sizeof *filter->code);
    filter->silent_code = calloc(filter->length, sizeof *filter->code);
    if (filter->code == NULL || filter->silent_code == NULL) error = -ENOMEM;
  }
  if (error == 0 && pread(fd, filter->code + PROLOGUE, (size_t)size, 0) != size) error = -EIO;
  close(fd);
  return error;
}

static void answer_marks(struct sbx_instruction *code, size_t length, uint32_t refused, uint32_t fatal) {
  for (size_t i = 0; i < length; i++) {
    struct sock_filter *bpf = &code[i].bpf;
    if (bpf->code != (BPF_RET | BPF_K)) continue;
    if (bpf->k == MARK_REFUSED) bpf->k = refused;
    if (bpf->k == MARK_FATAL) bpf->k = fatal;
  }
}

int sbx_filter_build(const struct sbx_filter_options *options, struct sbx_filter *filter) {
  *filter = (struct sbx_filter){.notify = options->notify};
  scmp_filter_ctx context = seccomp_init(MARK_REFUSED);
  if (context == NULL) return -ENOMEM;
  int error = add_rules(context, options);
  if (error == 0) error = export_code(context, filter);
  seccomp_release(context);
  if (error < 0) {
    sbx_filter_free(filter);
    return error;
  }
  put_prologue(filter->code);
  memcpy(filter->silent_code, filter->code, filter->length * sizeof *filter->code);
  answer_marks(filter->code, filter->length, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_USER_NOTIF);
  answer_marks(filter->silent_code, filter->length, SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_KILL_PROCESS);
  return 0;
}

static int load(struct sbx_instruction *code, unsigned short length, unsigned long flags) {
  const struct sock_fprog program = {.len = length, .filter = &code->bpf};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

int sbx_filter_load(const struct sbx_filter *filter, int *listener) {
  if (filter->notify) {
    // With WAIT_KILLABLE_RECV (Linux 5.19) a signal does not make the caller ask again while its answer is on the way.
    const unsigned long with_listener = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    int fd = load(filter->code, filter->length, with_listener | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
    if (fd < 0 && errno == EINVAL) fd = load(filter->code, filter->length, with_listener);
    *listener = fd;
    if (fd >= 0) return 0;
    // EBUSY: something around us listens already, and there can be only one. EINVAL: before Linux 5.0.
    if (errno != EBUSY && errno != EINVAL) return -errno;
  }
  if (listener != NULL) *listener = -1;
  return load(filter->silent_code, filter->length, 0) < 0 ? -errno : 0;
}

void sbx_filter_free(struct sbx_filter *filter) {
  free(filter->code);
  free(filter->silent_code);
  *filter = (struct sbx_filter){0};
}

int sbx_filter_install(const struct sbx_filter_options *options, int *listener) {
  struct sbx_filter filter;
  int error = sbx_filter_build(options, &filter);
  if (error == 0) error = sbx_filter_load(&filter, listener);
  sbx_filter_free(&filter);
  return error;
}
