# attacks: finds the session's own socket and writes forged results and requests to it
# stopped-by: what a session process says is believed about nothing but itself; a broken session is lost
# modes: both
# session: yes
import struct

tried()
frames = [b"\x00" * 64, b"\xff" * 64, struct.pack("<I", 0x7FFFFFFF), struct.pack("<IB", 1, 0x82), b"{}\n", b"x"]
for descriptor in range(3, 1024):
    for frame in frames:
        try:
            os.write(descriptor, frame)
        except OSError:
            break
# %%
print("second cell")
# %%
print("third cell")
