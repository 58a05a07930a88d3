# attacks: clones into new namespaces, to be root in one of them
# stopped-by: system-call filter on the flags of clone
# modes: both
# architecture: x86_64
# expect: violation
# violation: clone
# variants: user 0x10000000; mount 0x00020000; process 0x20000000; network 0x40000000; ipc 0x08000000; host 0x04000000; cgroup 0x02000000
# variants: all 0x7e020000; parent 0x00008000
import signal

name, flags = facts["variant"].split()
tried()
child = syscall(56, int(flags, 0) | signal.SIGCHLD, 0, 0, 0, 0)
if child == 0:
    os._exit(0)
if child > 0:
    escaped(f"a {name} namespace")
