# attacks: ignores every signal that can be ignored and blocks the rest
# stopped-by: wall limit ends in SIGKILL
# modes: both
# expect: timeout
# limits: wall 0.6
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
tried()
while True:
    time.sleep(60)
