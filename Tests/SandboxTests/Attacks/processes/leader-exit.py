# attacks: ends the first thread only, so that the process looks dead while a thread goes on
# stopped-by: wall limit; the run ends when its last thread does
# modes: both
# architecture: x86_64
# expect: timeout
# limits: wall 0.6
import threading

threading.Thread(target=time.sleep, args=(60,)).start()
tried()
syscall(60, 0)
