// Where in the kernel's control group trees our groups go.
#ifndef SBX_CGROUP_TREE_H
#define SBX_CGROUP_TREE_H

#include "cgroup.h"

enum { SBX_TREE_MEMORY, SBX_TREE_PIDS, SBX_TREE_CPU };

// Fills in version and folders, and reason where something is missing; makes the folders. 0, or -errno without any.
int sbx_cgroup_make_folders(struct sbx_cgroup *group, const char *name);

#endif
