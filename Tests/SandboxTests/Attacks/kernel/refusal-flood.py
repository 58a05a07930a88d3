# attacks: makes refused system calls from many threads that die while the sandbox answers
# stopped-by: a limit on refused calls; answers to the dead are dropped
# modes: both
# architecture: x86_64
# expect: violation, ok, error
# limits: wall 3
import threading

tried()


def flood():
    for _ in range(200):
        syscall(41, 2, 1, 0)


try:
    for _ in range(8):
        threading.Thread(target=flood, daemon=True).start()
except RuntimeError:
    pass
if os.fork() == 0:
    flood()
    os._exit(0)
flood()
os._exit(0)
