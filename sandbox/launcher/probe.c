#define _GNU_SOURCE
#include "probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe_layers.h"

enum layer {
  USER_NAMESPACE,
  ID_MAPPING,
  PID_NAMESPACE,
  MOUNT_NAMESPACE,
  NETWORK_NAMESPACE,
  IPC_NAMESPACE,
  UTS_NAMESPACE,
  CGROUP_NAMESPACE,
  TMPFS,
  PROC,
  PIVOT_ROOT,
  LANDLOCK,
  SECCOMP,
  SECCOMP_NOTIFY,
  NO_NEW_PRIVS,
  MEMORY_CGROUP,
  PIDS_CGROUP,
  OWN_UID,
  PROCESS_LIMIT,
  CLOSE_RANGE,
  PIDFD,
  LAYER_COUNT
};

struct layer_text {
  const char *name;
  sbx_trial_function try;
  const char *open;    // what its absence leaves open
  const char *remedy;  // null: how to get namespaces, see namespace_remedy
};

static const char cgroup_remedy[] =
    "as root on version 1; on version 2 run the server in a group of its own under a delegated one: in a systemd unit "
    "Delegate=memory pids and DelegateSubgroup=server, in a shell 'systemd-run --user --scope -p Delegate=yes'; in a "
    "container a writable /sys/fs/cgroup";

static const struct layer_text layers[LAYER_COUNT] = {
    [USER_NAMESPACE] = {"user-namespace", sbx_try_user_namespace,
                        "no namespace can be made without privileges: run code shares the machine's view", NULL},
    [ID_MAPPING] = {"id-mapping", sbx_try_id_mapping,
                    "run code has the server's user id outside its namespace: files and limits of that user are shared",
                    "start the server as root, which maps run code to ids of nobody"},
    [PID_NAMESPACE] = {"pid-namespace", sbx_try_pid_namespace,
                       "other processes are visible, and strays are hunted one by one", NULL},
    [MOUNT_NAMESPACE] = {"mount-namespace", sbx_try_mount_namespace,
                         "names, sizes and times of the host's files are visible (contents not, with Landlock)", NULL},
    [NETWORK_NAMESPACE] = {"network-namespace", sbx_try_network_namespace,
                           "only the filter on socket(2) keeps run code off the network", NULL},
    [IPC_NAMESPACE] = {"ipc-namespace", sbx_try_ipc_namespace,
                       "only the filter keeps run code off System V shared memory and message queues", NULL},
    [UTS_NAMESPACE] = {"uts-namespace", sbx_try_uts_namespace, "the host's name is visible", NULL},
    [CGROUP_NAMESPACE] = {"cgroup-namespace", sbx_try_cgroup_namespace,
                          "the path of the host's control group can be read where /proc is visible", NULL},
    [TMPFS] = {"tmpfs", sbx_try_tmpfs,
               "no hard quota on the work directory: bytes are polled, files are not counted", NULL},
    [PROC] = {"proc", sbx_try_proc, "run code has no /proc: a few programs (ps, free, some JVMs) fail in it",
              "a container: --security-opt systempaths=unconfined"},
    [PIVOT_ROOT] = {"pivot-root", sbx_try_pivot_root, "the host's folders stay in view", NULL},
    [LANDLOCK] = {"landlock", sbx_try_landlock,
                  "files are guarded by mounts and permissions alone; without namespaces by permissions alone",
                  "Linux 5.13 or later with landlock among the lsm= of the kernel command line (see "
                  "/sys/kernel/security/lsm)"},
    [SECCOMP] = {"seccomp", sbx_try_seccomp, "every system call can be made: nothing is run without this layer",
                 "a kernel with CONFIG_SECCOMP_FILTER; a container whose profile allows seccomp(2) and prctl(2)"},
    [SECCOMP_NOTIFY] = {"seccomp-notify", sbx_try_seccomp_notify,
                        "refused calls are not named in results, and never-legitimate ones end in signal 31",
                        "Linux 5.0 or later, and no other supervisor that listens already (gVisor, some tracers)"},
    [NO_NEW_PRIVS] = {"no-new-privs", sbx_try_no_new_privs, "set-user-id programs would raise run code's rights",
                      "Linux 3.5 or later"},
    [MEMORY_CGROUP] = {"memory-cgroup", sbx_try_memory_cgroup,
                       "memory is limited for each process, not for all of a run's together", cgroup_remedy},
    [PIDS_CGROUP] = {"pids-cgroup", sbx_try_pids_cgroup,
                     "the number of processes is limited by RLIMIT_NPROC only, which counts by user", cgroup_remedy},
    [OWN_UID] = {"own-uid", sbx_try_own_uid,
                 "without namespaces run code has the server's user id, and its files' permissions with it",
                 "start the server as root; a container: with the SETUID, SETGID and KILL capabilities"},
    [PROCESS_LIMIT] = {"process-limit", sbx_try_process_limit,
                       "RLIMIT_NPROC does not hold: only the pids cgroup stops a fork bomb",
                       "not as root without user namespaces, whom the kernel exempts"},
    [CLOSE_RANGE] = {"close-range", sbx_try_close_range, "descriptors are closed one by one, which takes longer",
                     "Linux 5.9 or later"},
    [PIDFD] = {"pidfd", sbx_try_pidfd, "processes are waited for by SIGCHLD", "Linux 5.3 or later"},
};

static const enum layer full_layers[] = {USER_NAMESPACE, PID_NAMESPACE, MOUNT_NAMESPACE, NETWORK_NAMESPACE,
                                         IPC_NAMESPACE,  UTS_NAMESPACE, TMPFS,           PIVOT_ROOT,
                                         SECCOMP};

static long read_setting(const char *path) {
  FILE *file = fopen(path, "re");
  long value = -1;
  if (file == NULL) return -1;
  if (fscanf(file, "%ld", &value) != 1) value = -1;
  fclose(file);
  return value;
}

// The trial said that it fails; these settings only say what to change.
static const char *namespace_remedy(const struct sbx_trial *trial) {
  // All that came before worked, and the kernel says EINVAL for one kind of root only.
  if (strcmp(trial->reason, "pivot_root: Invalid argument") == 0)
    return "the machine runs from its initial RAM disk, which cannot be left: have its init switch_root to a tmpfs";
  if (read_setting("/proc/sys/user/max_user_namespaces") == 0) return "sysctl -w user.max_user_namespaces=10000";
  if (geteuid() != 0 && read_setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
    return "sysctl -w kernel.unprivileged_userns_clone=1";
  if (geteuid() != 0 && read_setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
    return "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with 'userns,' for the "
           "launcher";
  return "a container: --security-opt seccomp=unconfined --security-opt apparmor=unconfined (Podman needs neither), or "
         "--privileged; SELinux: setsebool -P user_namespaces on; else a kernel with CONFIG_USER_NS";
}

static bool has_all(const struct sbx_trial *trials) {
  for (size_t i = 0; i < sizeof full_layers / sizeof full_layers[0]; i++)
    if (!trials[full_layers[i]].present) return false;
  return true;
}

static const char *isolation(const struct sbx_trial *trials) {
  if (has_all(trials)) return "full";
  bool is_bounded = trials[LANDLOCK].present || trials[OWN_UID].present;
  return trials[SECCOMP].present && is_bounded ? "no-namespace" : "none";
}

static void print_string(const char *text) {
  putchar('"');
  for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
    if (*at == '"' || *at == '\\') putchar('\\');
    if (*at < 0x20 || *at > 0x7e)
      printf("\\u%04x", *at);
    else
      putchar(*at);
  }
  putchar('"');
}

static void print_field(const char *name, const char *value) {
  printf(",\"%s\":", name);
  print_string(value);
}

static void print_layer(const struct layer_text *layer, const struct sbx_trial *trial) {
  printf("{\"name\":\"%s\",\"present\":%s", layer->name, trial->present ? "true" : "false");
  if (trial->reason[0] != '\0') print_field("reason", trial->reason);
  if (!trial->present) {
    print_field("open", layer->open);
    print_field("remedy", layer->remedy == NULL ? namespace_remedy(trial) : layer->remedy);
  }
  printf(",\"microseconds\":%lld}", (long long)trial->microseconds);
}

static void print_degraded(const struct sbx_trial *trials) {
  bool is_full = has_all(trials);
  bool signals_are_bounded = is_full || trials[OWN_UID].present || trials[LANDLOCK].level >= 6;
  const struct {
    const char *name;
    bool applies;
  } all[] = {
      {"memory:rlimit", !trials[MEMORY_CGROUP].present},
      {"pids:rlimit", !trials[PIDS_CGROUP].present},
      {"landlock", !trials[LANDLOCK].present},
      {"violation:unnamed", !trials[SECCOMP_NOTIFY].present},
      {"quota:polled", !is_full},
      {"inodes:none", !is_full},
      {"metadata", !is_full},
      {"hostname", !is_full},
      {"processes:visible", !is_full},
      {"signals:denied", !signals_are_bounded},
  };
  const char *separator = "";
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (!all[i].applies) continue;
    printf("%s\"%s\"", separator, all[i].name);
    separator = ",";
  }
}

int sbx_probe_main(void) {
  struct sbx_trial trials[LAYER_COUNT];
  for (int layer = 0; layer < LAYER_COUNT; layer++) sbx_trial_run(layers[layer].try, &trials[layer]);
  printf("{\"isolation\":\"%s\",\"layers\":[", isolation(trials));
  for (int layer = 0; layer < LAYER_COUNT; layer++) {
    if (layer > 0) putchar(',');
    print_layer(&layers[layer], &trials[layer]);
  }
  printf("],\"degraded\":[");
  print_degraded(trials);
  printf("]}\n");
  return fflush(stdout) == 0 ? 0 : 1;
}
