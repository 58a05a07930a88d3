# attacks: leaves a daemon (double fork, setsid) that holds the output open when the program ends
# stopped-by: everything dies with the run; the answer does not wait for the end of the output
# modes: both
# expect: ok
# limits: wall 3
import signal

tried()
if os.fork() == 0:
    try:
        os.setsid()
    except OSError:
        pass
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if os.fork() == 0:
        while True:
            time.sleep(60)
    os._exit(0)
