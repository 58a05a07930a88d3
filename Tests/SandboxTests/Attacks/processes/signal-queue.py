# attacks: queues real-time signals to itself without end (kernel memory)
# stopped-by: RLIMIT_SIGPENDING
# modes: both
# architecture: x86_64
# expect: ok
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, range(34, 65))
information = (ctypes.c_int * 32)(40, 0, -1)
tried()
queued = 0
while queued < 20000 and syscall(129, os.getpid(), 40, ctypes.byref(information)) == 0:
    queued += 1
if queued > 10000:
    escaped(f"{queued} signals queued")
