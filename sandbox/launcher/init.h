// The slot's init: pid 1 of its process ids. It answers the server, supervises runs, never runs code that is not ours.
// init.c serves, init_build.c makes the slot, init_zygote.c has the zygote started.
#pragma once

#include <poll.h>
#include <stdbool.h>

#include "cgroup.h"
#include "filter.h"
#include "processes.h"
#include "protocol.h"
#include "workspace.h"
#include "zygote.h"

/// Descriptors that init gets from the launcher.
enum { SBX_SERVER_FD = 3 };

struct sbx_session;

struct sbx_init {
  const struct sbx_configuration *configuration;
  struct sbx_cgroup *cgroup;
  const struct sbx_filter *filter;
  /// The launcher, child deaths, /dev/null, Landlock rules (or -1).
  int launcher, deaths, null, ruleset;
  struct sbx_processes processes;
  /// The zygote: its socket, its standard error while it starts, its refused calls. -1: none.
  int zygote, zygote_errors, listener;
  /// Whether the zygote has been told to make the next run's process ahead, or will be in a quiet moment.
  bool parked, park_soon;
  int64_t zygote_us, zygote_kib, memory_base, processes_limit;
  /// What the server sends, and the request that is being worked on.
  struct sbx_inbox inbox, held;
  struct sbx_frame reply;
  struct sbx_workspaces workspaces;
  /// The run's and the one that is ready for the next; the one that run code sees, if any.
  struct sbx_workspace current, spare, *active;
  bool spare_used;
  struct sbx_session *sessions;
};

/// `launcher` is a channel: init asks for a zygote with "Z" and gets its descriptors, or "!" and what went wrong.
_Noreturn void sbx_init_main(struct sbx_init *init, int64_t began);
/// Waits for one of the descriptors, set up as for poll(2). Ends the slot when the server hangs up.
void sbx_init_wait(struct sbx_init *init, struct pollfd *waits, size_t count, int timeout_ms);
/// Tells the server why the slot cannot go on, and ends it.
_Noreturn void sbx_init_fault(struct sbx_init *init, const char *text);
/// Builds the inside of the slot, once the launcher gives the word.
int sbx_init_build(struct sbx_init *init, struct sbx_failure *failure);
/// Has the zygote started (again). 0, or -1 with the reason.
int sbx_init_start_zygote(struct sbx_init *init, struct sbx_failure *failure);
/// Has the next run's process made while nobody waits for it. It must not be there while other code runs: that could
/// reach it, as it has the same id.
void sbx_init_park(struct sbx_init *init);
/// Ends it, for what is not such a run.
void sbx_init_unpark(struct sbx_init *init);
/// A memory limit of `bytes` above `base`, what is in use already; 0 bytes: no limit.
void sbx_init_limit_memory(struct sbx_init *init, int64_t base, int64_t bytes);
/// So many processes and threads beside the zygote.
void sbx_init_limit_processes(struct sbx_init *init, int64_t count);
/// Shows run code another workspace.
int sbx_init_activate(struct sbx_init *init, struct sbx_workspace *workspace, struct sbx_failure *failure);
/// Puts the empty spare workspace in the place of `workspace` and shows it. What was there becomes the spare, which is
/// replaced after the reply.
int sbx_init_take_spare(struct sbx_init *init, struct sbx_workspace *workspace, struct sbx_failure *failure);
