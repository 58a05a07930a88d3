// Resource limits of one process, as numbers that can be sent to the zygote.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "failure.h"
#include "protocol.h"

struct sbx_limit {
  uint32_t resource;
  uint64_t soft, hard;
} __attribute__((packed));

enum { SBX_LIMITS_MAX = 8 };

/// The limits that differ from run to run. Returns how many. `counted` tells whether a control group limits memory:
/// then the address space is only a backstop.
/// `others` processes have the same id and are not the run's: the kernel counts them all, or -1: no such limit.
int sbx_limits_of(const struct sbx_request *request, int64_t work_bytes, bool counted, int64_t others,
                  struct sbx_limit limits[SBX_LIMITS_MAX]);
/// Lowers the address space of a session's process to what a cell may use: the limit there is without a control group.
/// What was lowered stays so, or its code could raise it again.
int sbx_limits_lower_memory(pid_t pid, int64_t memory_bytes, struct sbx_failure *failure);
/// Sets limits on the calling process.
int sbx_limits_set(const struct sbx_limit *limits, int count, struct sbx_failure *failure);
/// Sets those that are the same for all run code (core files, locked memory, message queues, stack).
int sbx_limits_set_fixed(struct sbx_failure *failure);
