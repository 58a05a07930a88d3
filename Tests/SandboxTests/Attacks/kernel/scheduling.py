# attacks: takes the processor for itself: real time, higher priority, deadline
# stopped-by: system-call filter, no capability, RLIMIT_NICE and RLIMIT_RTPRIO
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
for policy in (os.SCHED_FIFO, os.SCHED_RR):
    attempt(f"policy {policy}", lambda: os.sched_setscheduler(0, policy, os.sched_param(1)))
attempt("priority -5", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
attempt("priority of the parent", lambda: os.setpriority(os.PRIO_PROCESS, os.getppid() or 1, 19))
deadline = (ctypes.c_uint32 * 14)(56, 6, 0, 0, 0, 0, 10000000, 0, 20000000, 0, 20000000, 0)
if syscall(314, 0, ctypes.byref(deadline), 0) == 0:
    escaped("deadline scheduling")
