// What run code may touch, by isolation: its id, its paths, its Landlock rules.
#pragma once

#include "failure.h"
#include "protocol.h"

/// The id run code has inside the slot, or -1 when it keeps the server's.
int sbx_view_run_id(const struct sbx_configuration *configuration);
/// Fills in the box and the variables that name it (HOME, TMPDIR). 0 or -1.
int sbx_view_complete(struct sbx_configuration *configuration);
/// Whether the system call filter has to keep run code's signals to its own processes: without a process id namespace
/// they would reach the zygote, which has the same user, and before Landlock 6 any other process of that user.
bool sbx_view_denies_signals(const struct sbx_configuration *configuration);
/// Landlock rules for this view in `ruleset`, or -1 where the kernel has no Landlock or the configuration disables it.
int sbx_view_rules(const struct sbx_configuration *configuration, int *ruleset, struct sbx_failure *failure);
