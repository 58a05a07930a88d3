// What a process gives up before it may run code that is not ours. The order matters; see lockdown.c.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "cgroup.h"
#include "failure.h"
#include "filter.h"

struct sbx_lockdown {
  /// Id to become inside the namespace, or -1 to stay.
  int id;
  /// Landlock rules from sbx_landlock_prepare, or -1: no Landlock.
  int ruleset;
  const struct sbx_filter *filter;
  /// Where to go once the id is that of run code, or NULL.
  const char *directory;
  /// The parent, whose death is to end this process, or 0 where that is not visible.
  pid_t parent;
};

/// Closes all descriptors from `first` on, now or (`at_exec`) when another program is executed.
int sbx_lockdown_descriptors(int first, bool at_exec, struct sbx_failure *failure);
/// Signal handlers, mask and umask as a fresh program expects them.
void sbx_lockdown_reset_signals(void);
/// Ids, capabilities, no_new_privs, Landlock and last the filter. `listener` gets the notification descriptor or -1.
int sbx_lockdown(const struct sbx_lockdown *lockdown, int *listener, struct sbx_failure *failure);
