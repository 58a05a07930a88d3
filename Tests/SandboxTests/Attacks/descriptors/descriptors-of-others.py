# attacks: opens the descriptors, memory and directories of every process it can see
# stopped-by: process namespace, another uid, processes that are not dumpable, Landlock
# modes: both
# expect: ok
tried()
own = str(os.getpid())
for pid in set(processes()) - {own}:
    for name in ("mem", "maps", "environ", "auxv", "syscall", "stack", "pagemap", "io", "personality", "exe"):
        attempt(f"{name} of process {pid}", lambda: os.read(os.open(f"/proc/{pid}/{name}", os.O_RDONLY), 1))
    for name in ("root", "cwd", "fd", "map_files"):
        attempt(f"{name} of process {pid}", lambda: os.listdir(f"/proc/{pid}/{name}"))
    for number in range(8):
        attempt(f"descriptor {number} of process {pid}", lambda: os.open(f"/proc/{pid}/fd/{number}", os.O_RDWR))
