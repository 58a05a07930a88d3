# attacks: reserves a gigabyte of disk without writing it
# stopped-by: size of the work directory, file size limit
# modes: both
# architecture: x86_64
# expect: ok, error, memory_limit, violation
# limits: wall 4, disk 8
tried()
handle = os.open("big", os.O_CREAT | os.O_RDWR)
attempt("fallocate of 1 GiB", lambda: os.posix_fallocate(handle, 0, 1 << 30))
for mode in (0, 1, 2, 3, 8, 16, 32, 64):
    if syscall(285, handle, mode, 0, 1 << 30) == 0 and os.fstat(handle).st_blocks * 512 > 16 << 20:
        escaped(f"fallocate of 1 GiB, mode {mode}")
