# attacks: leaves a process whose first thread has ended: it looks dead, but another thread works on
# stopped-by: SIGKILL to the whole namespace, or to every process of the uid that has a living thread
# modes: both
# architecture: x86_64
# expect: ok
import threading

tried()
if os.fork() == 0:
    try:
        os.setsid()
    except OSError:
        pass
    threading.Thread(target=time.sleep, args=(60,)).start()
    syscall(60, 0)
time.sleep(0.2)
