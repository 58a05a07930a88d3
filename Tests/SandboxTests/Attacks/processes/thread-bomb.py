# attacks: starts threads without end
# stopped-by: process limit (threads count)
# modes: both
# expect: ok
# limits: wall 3, processes 32
import threading

tried()
threading.stack_size(65536)
count = 0
try:
    while count < 500:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
if count > 32:
    escaped(f"{count} threads with a limit of 32 processes")
os._exit(0)
