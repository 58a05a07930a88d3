# attacks: locks all its memory
# stopped-by: RLIMIT_MEMLOCK, system-call filter
# modes: both
# architecture: x86_64
# expect: ok, memory_limit, error
# limits: wall 4
import mmap

block = mmap.mmap(-1, 32 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(block))
tried()
if syscall(149, address, 32 << 20) == 0:
    escaped("32 MiB locked")
syscall(151, 3)
