// The layers that are tried. Each function is an sbx_trial_function.
#ifndef SBX_PROBE_LAYERS_H
#define SBX_PROBE_LAYERS_H

#include "probe_trial.h"

bool sbx_try_user_namespace(struct sbx_trial *trial);
bool sbx_try_id_mapping(struct sbx_trial *trial);
bool sbx_try_pid_namespace(struct sbx_trial *trial);
bool sbx_try_mount_namespace(struct sbx_trial *trial);
bool sbx_try_network_namespace(struct sbx_trial *trial);
bool sbx_try_ipc_namespace(struct sbx_trial *trial);
bool sbx_try_uts_namespace(struct sbx_trial *trial);
bool sbx_try_cgroup_namespace(struct sbx_trial *trial);
bool sbx_try_tmpfs(struct sbx_trial *trial);
bool sbx_try_proc(struct sbx_trial *trial);
bool sbx_try_pivot_root(struct sbx_trial *trial);

bool sbx_try_landlock(struct sbx_trial *trial);
bool sbx_try_no_new_privs(struct sbx_trial *trial);
bool sbx_try_seccomp(struct sbx_trial *trial);
bool sbx_try_seccomp_notify(struct sbx_trial *trial);
bool sbx_try_close_range(struct sbx_trial *trial);
bool sbx_try_pidfd(struct sbx_trial *trial);

bool sbx_try_memory_cgroup(struct sbx_trial *trial);
bool sbx_try_pids_cgroup(struct sbx_trial *trial);
bool sbx_try_own_uid(struct sbx_trial *trial);
bool sbx_try_process_limit(struct sbx_trial *trial);

// Enters a new user namespace in which the caller is `inside`, and outside the same as before. On failure false with
// the reason.
bool sbx_enter_user_namespace(struct sbx_trial *trial, unsigned inside);

// As root: enters a user namespace whose 0 and 1000 are two ids without rights outside, as slots do, and becomes 1000.
bool sbx_enter_mapped_namespace(struct sbx_trial *trial);

#endif
