// The system calls that run code may make: an allow-list, compiled to a seccomp filter.
//
// Covered: every call that is not listed is refused; calls of another architecture (i386, x32) kill the process. Not
// covered: faults of the kernel in calls that are allowed, and what pointers point to (a filter sees registers only).
#ifndef SBX_FILTER_H
#define SBX_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sbx_filter_options {
  const char *const *extra;  // names of further calls to allow, whatever their arguments are
  size_t extra_count;
  bool notify;  // refused calls are reported to the holder of the listener, who answers them
  // Signals only within the caller's own process, and with a listener to its children. For machines where nothing else
  // (a pid namespace, an own uid, Landlock's scope) keeps them from other processes of the same user.
  bool deny_signals;
  // No sockets but pairs of connected ones: where the host's sockets in the file system would be in reach.
  bool deny_sockets;
};

// A compiled filter. Building takes about a millisecond, loading a tenth of that: build once, load in each child.
struct sbx_filter {
  struct sbx_instruction *code;         // refused calls are reported
  struct sbx_instruction *silent_code;  // refused calls get EPERM, never-legitimate ones kill the process
  unsigned short length;
  bool notify;
};

// Whether `name` is a system call, be it of another architecture (allowing that changes nothing).
bool sbx_filter_knows(const char *name);

// Compiles the list. -EINVAL for an unknown name among `extra`, -ENOMEM. Free with sbx_filter_free.
int sbx_filter_build(const struct sbx_filter_options *options, struct sbx_filter *filter);

// Puts the calling thread and all that it starts under the filter, for ever. Needs no_new_privs. `*listener` (may be
// null without `notify`) is the descriptor for sbx_filter_answer, or -1 where none was asked for or to be had; then
// refused calls get EPERM and never-legitimate ones end the process. 0 or -errno.
int sbx_filter_load(const struct sbx_filter *filter, int *listener);
void sbx_filter_free(struct sbx_filter *filter);

// Build, load and free in one.
int sbx_filter_install(const struct sbx_filter_options *options, int *listener);

// One refused call.
struct sbx_refusal {
  pid_t pid;      // the thread that called, as the receiver numbers it; 0 if it cannot see it
  char name[48];  // "ptrace", "socket", "call 999"; empty if the call was answered but is nothing to record
  bool fatal;     // no legitimate program makes this call
};

// Takes one call from a listener that poll(2) reported readable, and answers it. 0, -ENOENT if the caller died
// meanwhile (then there is nothing to record), or another -errno.
int sbx_filter_answer(int listener, struct sbx_refusal *refusal);

#endif
