// The list itself: which system calls are allowed, refused without a record, or never legitimate.
#ifndef SBX_FILTER_CALLS_H
#define SBX_FILTER_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A call with an answer that is no refusal worth a record: libraries try these and go on without.
struct sbx_silent_call {
  const char *name;
  int error;  // 0: the call claims success and does nothing
};

// Whether argument `index`, masked with `mask`, is `value`.
struct sbx_check {
  unsigned index;
  uint64_t mask;
  uint64_t value;
};

// A call that is allowed where its check passes, and the second one where that has a mask.
struct sbx_checked_call {
  const char *name;
  struct sbx_check check;
  struct sbx_check second;
};

extern const char *const sbx_allowed_calls[];             // ends with null
extern const char *const sbx_signal_calls[];              // allowed unless signals are denied; ends with null
extern const char *const sbx_fatal_calls[];               // ends with null
extern const struct sbx_silent_call sbx_silent_calls[];   // ends with a null name
extern const struct sbx_checked_call sbx_checked_calls[];  // ends with a null name

// The number of the call on this architecture, or -1 where it has none or nothing knows it.
int sbx_call_number(const char *name);

// clone(2) flags that make a namespace, or a child that its maker's parent must reap.
extern const uint64_t sbx_clone_refused_flags;

#endif
