# attacks: leaves its control group, or raises its limits
# stopped-by: Landlock, another uid, no control groups in its view
# modes: both
# expect: ok
tried()
for top in ("/sys/fs/cgroup", "/cgroup", "/box/cgroup"):
    for folder, folders, names in os.walk(top):
        for name in ("cgroup.procs", "tasks", "memory.max", "memory.limit_in_bytes", "pids.max", "release_agent"):
            if name in names:
                value = b"0\n" if name in ("cgroup.procs", "tasks") else b"max\n"
                attempt(f"{folder}/{name}", lambda: os.write(os.open(f"{folder}/{name}", os.O_WRONLY), value))
        del folders[40:]
    attempt(f"a group of its own in {top}", lambda: os.mkdir(top + "/attack"))
