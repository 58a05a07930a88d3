// Ending what a run started: every process of the slot that is not ours or a session's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Long enough for any process to die that can.
enum { SBX_PATIENCE_US = 2000000 };

/// Where processes are looked for.
struct sbx_processes {
  /// /proc, or -1.
  int proc;
  /// Whether all processes but our own children belong to others: no process id namespace.
  bool shared;
  /// Our own process that must live on, or 0: the zygote, where ids are shared.
  pid_t zygote;
  /// How many of our own processes have run code's id: the zygote, and where there is but one id init, too.
  int own;
  /// Whether run code has the id of the server's user: then that user's processes count against its limit.
  bool same_user;
};

/// How many processes that are not a run's have its id: the zygote, and where ids are shared the user's others.
int64_t sbx_processes_others(const struct sbx_processes *processes);

/// What processes that were buried have used.
struct sbx_burial {
  int64_t cpu_us, peak_kib;
  /// The process to look out for, whether it was among them, and how it ended.
  pid_t wanted;
  bool found;
  int status;
};

/// Processor time in microseconds that those used which are still there, and those they have waited for.
int64_t sbx_processes_cpu(const struct sbx_processes *processes);
/// Buries those that have ended.
void sbx_processes_reap(struct sbx_burial *burial);
/// Kills and buries all but `kept`. False when some are still there after `patience_us`.
bool sbx_processes_kill(const struct sbx_processes *processes, const pid_t *kept, size_t kept_count,
                        int64_t patience_us, struct sbx_burial *burial);
