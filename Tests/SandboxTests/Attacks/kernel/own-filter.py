# attacks: a system-call filter of its own that kills whoever tries to end, and one that claims the listener
# stopped-by: system-call filter; the run is ended from outside
# modes: both
# architecture: x86_64
# expect: ok, error, violation, timeout
# limits: wall 0.6
import struct

kill = ctypes.create_string_buffer(
    struct.pack("<HBBI", 0x20, 0, 0, 0) + struct.pack("<HBBI", 0x15, 0, 1, 231)
    + struct.pack("<HBBI", 0x06, 0, 0, 0) + struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000))
program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", 4, ctypes.addressof(kill)))
tried()
for flags in (8, 1, 0):
    if syscall(317, 1, flags, program) > 0:
        escaped("a listener of its own")
libc.prctl(22, 2, program, 0, 0)
