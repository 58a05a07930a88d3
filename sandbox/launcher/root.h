// What run code sees of the file system: an empty root, the given host paths read-only, a few devices, /proc, /box.
#pragma once

#include <stdbool.h>

#include "failure.h"
#include "protocol.h"

/// Host paths opened while the process still has the rights of the user who started the server.
struct sbx_root_sources;

struct sbx_root_sources *sbx_root_open(const struct sbx_list *read_only, struct sbx_failure *failure);
/// Builds the root and moves into it. `proc` tells whether /proc could be mounted.
int sbx_root_enter(struct sbx_root_sources *sources, bool *proc, struct sbx_failure *failure);
