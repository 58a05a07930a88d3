# attacks: makes POSIX timers without end (kernel memory), all firing
# stopped-by: RLIMIT_SIGPENDING
# modes: both
# architecture: x86_64
# expect: ok
identity = ctypes.c_int()
tried()
made = 0
while made < 20000 and syscall(222, 1, None, ctypes.byref(identity)) == 0:
    made += 1
if made > 10000:
    escaped(f"{made} timers")
