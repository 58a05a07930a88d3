# attacks: sends thousands of descriptors to whoever reads the session's socket, to use up its own
# stopped-by: descriptors that were not asked for are closed
# modes: both
# session: yes
import array, socket

tried()
for descriptor in range(3, 256):
    try:
        one = socket.socket(fileno=os.dup(descriptor))
        for _ in range(2000):
            one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 100))], socket.MSG_DONTWAIT)
    except OSError:
        pass
# %%
print("second cell")
