# attacks: a thread reads the session's socket, to take the next cells away
# stopped-by: a cell that is not run ends at its wall limit; the session is lost
# modes: both
# session: yes
# limits: wall 0.6
import threading

tried()


def steal(descriptor):
    while True:
        try:
            if not os.read(descriptor, 65536):
                return
        except OSError:
            return


for descriptor in range(3, 256):
    try:
        os.fstat(descriptor)
        threading.Thread(target=steal, args=(descriptor,), daemon=True).start()
    except OSError:
        pass
# %%
print("second cell")
# %%
print("third cell")
