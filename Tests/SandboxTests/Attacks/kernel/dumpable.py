# attacks: makes itself dumpable and dies with a core, for a core handler that runs as root
# stopped-by: no core files (a limit of 0), no crash handler's pipe
# modes: both
# expect: error
import signal

libc.prctl(4, 1, 0, 0, 0)
tried()
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGQUIT)
status = os.wait()[1]
if os.WCOREDUMP(status):
    escaped("a core file")
os.kill(os.getpid(), signal.SIGQUIT)
