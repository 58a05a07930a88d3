# attacks: clones with the call whose flags no filter can read
# stopped-by: system-call filter (not implemented, so that libraries fall back)
# modes: both
# architecture: x86_64
# expect: ok
tried()
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
answer = syscall(435, ctypes.byref(arguments), 88)
if answer == 0:
    os._exit(0)
if answer != -errno.ENOSYS:
    escaped(f"clone3 answered {answer}")
