// The namespaces of a slot: init is made inside them, the zygote enters all but the process ids.
#pragma once

#include <sys/types.h>

#include "failure.h"

/// Ids inside the user namespace. Run code has its own, so that it cannot signal or look at init.
enum { SBX_INIT_ID = 0, SBX_RUN_ID = 1000 };
/// The first id on the host; each slot takes two from here.
enum { SBX_HOST_IDS = 60000 };

enum { SBX_NAMESPACES = 6 };

struct sbx_namespaces {
  /// One file descriptor each, in the order in which they are entered: user first, process ids last. -1: none.
  int fds[SBX_NAMESPACES];
};

/// Forks into new namespaces and maps the ids. Returns as fork does: 0 in the child, which has to wait for a word from
/// its parent before it uses its ids. -1 on failure.
pid_t sbx_namespaces_clone(int slot, struct sbx_failure *failure);
/// In the parent: gives the child its ids and keeps handles of its namespaces.
int sbx_namespaces_adopt(pid_t child, int slot, struct sbx_namespaces *namespaces, struct sbx_failure *failure);
/// Whether the caller is the first process of namespaces that are not those of the process that called
/// sbx_namespaces_clone. What is done to a root, a host name or all processes would else be done to the machine's.
int sbx_namespaces_check(struct sbx_failure *failure);
/// Enters them; children of the caller then live in the slot's process id namespace, the caller itself does not.
int sbx_namespaces_enter(const struct sbx_namespaces *namespaces, struct sbx_failure *failure);
/// Makes the control group the caller is in look like the root of all, where the kernel can: its path is of the host.
void sbx_namespaces_hide_cgroup(void);
/// Whether we are root and the slot's two host ids exist here: a rootless container's root may have but one.
int sbx_namespaces_may_change_ids(int slot);
/// Whether init and run code have ids of their own (root), or share the user's single one.
int sbx_namespaces_two_ids(void);
