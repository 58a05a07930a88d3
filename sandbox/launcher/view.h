// What run code may touch, by isolation: its id, its paths, its Landlock rules.
#pragma once

#include "failure.h"
#include "protocol.h"

/// The id run code has inside the slot, or -1 when it keeps the server's.
int sbx_view_run_id(const struct sbx_configuration *configuration);
/// The directory whose "work", "tmp" and "shm" run code uses.
const char *sbx_view_box(const struct sbx_configuration *configuration);
/// Landlock rules for this view in `ruleset`, or -1 where the kernel has no Landlock or the configuration disables it.
int sbx_view_rules(const struct sbx_configuration *configuration, int *ruleset, struct sbx_failure *failure);
