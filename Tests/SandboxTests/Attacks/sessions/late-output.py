# attacks: a thread and a process of the first cell write into the output of the second
# stopped-by: outputs belong to a cell; stray processes die with their cell
# modes: both
# session: yes
import threading

tried()
first = os.dup(1)


def late():
    time.sleep(0.3)
    while True:
        time.sleep(0.02)
        try:
            os.write(first, b"ESCAPED: written to the first cell's output\n")
        except OSError:
            pass


threading.Thread(target=late, daemon=True).start()
if os.fork() == 0:
    late()
# %%
time.sleep(0.5)
print("second cell")
