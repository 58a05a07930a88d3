# attacks: looks for a capability left over, and asks for all
# stopped-by: every set is empty, the bounding set too; no new privileges
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
data = (ctypes.c_uint32 * 6)()
if syscall(125, ctypes.byref(header), ctypes.byref(data)) == 0 and any(data):
    escaped(f"capabilities {list(data)}")
if libc.prctl(39, 0, 0, 0, 0) != 1:
    escaped("new privileges are allowed")
bounding = [c for c in range(64) if libc.prctl(23, c, 0, 0, 0) == 1]
if bounding:
    escaped(f"bounding set {bounding}")
full = (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
if syscall(126, ctypes.byref(header), ctypes.byref(full)) == 0:
    escaped("capset")
