// Signals of a caller that may signal nobody by itself: those to its own process and to its children.
#ifndef SBX_FILTER_SIGNALS_H
#define SBX_FILTER_SIGNALS_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>

enum sbx_signal_verdict { SBX_SIGNAL_REFUSE, SBX_SIGNAL_CONTINUE, SBX_SIGNAL_SENT };

// Decides about `name`, a call of sbx_signal_calls that thread `caller` waits in. SBX_SIGNAL_SENT: the signal was sent
// in the caller's stead, with the result in `*error` (0 or -errno).
enum sbx_signal_verdict sbx_filter_signal(pid_t caller, const char *name, const struct seccomp_data *call, int *error);

#endif
