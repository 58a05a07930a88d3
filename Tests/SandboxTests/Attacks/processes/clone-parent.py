# attacks: clones with CLONE_PARENT, to plant children on the fork server and end them with statuses of its choice
# stopped-by: system-call filter on the flags of clone
# modes: both
# architecture: x86_64
# expect: ok, violation
import signal

tried()
for flags in (0x8000 | signal.SIGCHLD, 0x8000, 0x2000 | signal.SIGCHLD, 0x00800000 | signal.SIGCHLD):
    child = syscall(56, flags, 0, 0, 0, 0)
    if child == 0:
        os._exit(42)
    if child > 0 and flags & 0x8000:
        escaped("a child of the fork server")
