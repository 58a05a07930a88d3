# attacks: stops every process it may signal, then itself
# stopped-by: limits are enforced from outside the run
# modes: both
# expect: timeout
# limits: wall 0.6
import signal

tried()
try:
    os.kill(-1, signal.SIGSTOP)
except OSError:
    pass
os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(60)
