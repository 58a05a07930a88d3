# attacks: gives its own memory pages to the output pipe (vmsplice) and changes them while they are read
# stopped-by: output is copied when it is read
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
page = ctypes.create_string_buffer(b"A" * 4096)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


for flags in (0, 8):
    if syscall(278, 1, ctypes.byref(Vector(ctypes.addressof(page), 4096)), 1, flags) > 0:
        ctypes.memset(page, ord("B"), 4096)
