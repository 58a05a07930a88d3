# attacks: a Landlock layer of its own, to forbid the sandbox what it needs at the end
# stopped-by: system-call filter; a layer binds nobody but its own process
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
rules = (ctypes.c_uint64 * 3)(0x7FFF, 3, 3)
handle = syscall(444, ctypes.byref(rules), 8, 0)
if handle >= 0:
    syscall(446, handle, 0)
