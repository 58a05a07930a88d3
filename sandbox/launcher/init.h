// The slot's init: pid 1 of its process ids. It answers the server, supervises runs and never runs code that is not ours.
#pragma once

#include <stdbool.h>

#include "cgroup.h"
#include "filter.h"
#include "protocol.h"
#include "workspace.h"
#include "zygote.h"

/// Descriptors that init gets from the launcher.
enum { SBX_SERVER_FD = 3 };

struct sbx_init {
  const struct sbx_configuration *configuration;
  struct sbx_cgroup *cgroup;
  const struct sbx_filter *filter;
  /// The launcher, child deaths, /dev/null, /proc (or -1), Landlock rules (or -1).
  int launcher, deaths, null, proc, ruleset;
  /// The zygote: its socket, its standard error while it starts, its refused calls. -1: none.
  int zygote, zygote_errors, listener;
  int64_t zygote_us, memory_base;
  /// What the server sends, and the request that is being worked on.
  struct sbx_inbox inbox, held;
  struct sbx_frame reply;
  struct sbx_workspaces workspaces;
  struct sbx_workspace current, spare;
};

/// `launcher` is a channel: init asks for a zygote with "Z" and gets its descriptors, or "!" and what went wrong.
_Noreturn void sbx_init_main(struct sbx_init *init, int64_t began);
/// Tells the server why the slot cannot go on, and ends it.
_Noreturn void sbx_init_fault(struct sbx_init *init, const char *text);
/// Has the zygote started (again). 0, or -1 with the reason.
int sbx_init_start_zygote(struct sbx_init *init, struct sbx_failure *failure);
/// A memory limit of `bytes` above what the slot itself uses.
void sbx_init_limit_memory(struct sbx_init *init, int64_t bytes);
