# attacks: writes kernel settings, and reads what the kernel tells the privileged
# stopped-by: Landlock, another uid, /proc without settings
# modes: both
# expect: ok
tried()
for name in (
    "sys/kernel/core_pattern", "sys/kernel/hostname", "sys/kernel/modprobe", "sys/kernel/randomize_va_space",
    "sys/vm/overcommit_memory", "sys/vm/drop_caches", "sys/fs/binfmt_misc/register", "sys/kernel/ns_last_pid",
    "sys/kernel/pid_max", "sys/user/max_user_namespaces", "sys/net/ipv4/ip_forward", "sysrq-trigger",
    "self/uid_map", "self/gid_map", "self/setgroups", "self/projid_map", "self/loginuid", "self/attr/current",
    "self/clear_refs", "self/timens_offsets", "irq/0/smp_affinity", "scsi/scsi", "1/oom_score_adj", "1/comm",
):
    attempt(f"/proc/{name}", lambda: os.write(os.open("/proc/" + name, os.O_WRONLY), b"0\n"))
for name in ("kcore", "kmsg", "kpagecount", "kpageflags", "vmallocinfo", "slabinfo", "timer_list", "sched_debug"):
    attempt(f"/proc/{name}", lambda: os.read(os.open("/proc/" + name, os.O_RDONLY), 1))
try:
    if any(int(line.split()[0], 16) for line in open("/proc/kallsyms")):
        escaped("kernel addresses")
except OSError:
    pass
for name in (
    "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/module/apparmor/parameters/mode", "/sys/kernel/debug/x", "/sys/fs/cgroup/x", "/sys/kernel/security/x",
):
    attempt(name, lambda: os.open(name, os.O_WRONLY | os.O_CREAT))
