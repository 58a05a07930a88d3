# attacks: a timer of one microsecond with a handler, to starve everything around it
# stopped-by: wall limit
# modes: both
# expect: timeout
# limits: wall 0.6
import signal

signal.signal(signal.SIGALRM, lambda *_: None)
tried()
signal.setitimer(signal.ITIMER_REAL, 0.000001, 0.000001)
while True:
    pass
