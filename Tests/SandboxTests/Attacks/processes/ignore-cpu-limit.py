# attacks: ignores SIGXCPU and keeps computing
# stopped-by: CPU limit ends in SIGKILL
# modes: both
# expect: timeout
# limits: wall 6, cpu 1
import signal

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
tried()
while True:
    pass
