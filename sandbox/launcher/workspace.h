// What one run may write: work, tmp and shm directories that share one quota. With namespaces a tmpfs of its own,
// seen at /box while it is active; without, real directories below the scratch directory.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "failure.h"

/// Where workspaces live and how they are made.
struct sbx_workspaces {
  /// Prefix of the active one ("/box") and of the others ("/.slot").
  const char *active, *parked;
  bool mounts;
  int64_t bytes, inodes;
  uid_t owner;
  int next;
};

struct sbx_workspace {
  int number;
  bool made, active;
};

/// Makes an empty one, not active.
int sbx_workspace_make(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure);
/// Moves it to where run code looks; nothing else may be active.
int sbx_workspace_activate(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure);
int sbx_workspace_park(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure);
/// Makes a used one (or none yet) an empty one, not active. Every process that used it has to be dead.
int sbx_workspace_renew(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure);
/// Frees what it holds. Every process that used it has to be dead.
void sbx_workspace_destroy(struct sbx_workspaces *all, struct sbx_workspace *workspace);
/// Whether it holds more than its quota. With mounts the kernel sees to that.
bool sbx_workspace_is_over(const struct sbx_workspaces *all, const struct sbx_workspace *workspace);
/// A descriptor of one of its directories ("work", "tmp", "shm"), or -1.
int sbx_workspace_open(const struct sbx_workspaces *all, const struct sbx_workspace *workspace, const char *part);
