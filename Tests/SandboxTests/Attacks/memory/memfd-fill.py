# attacks: fills files that live in memory only and belong to no directory
# stopped-by: memory limit, system-call filter
# modes: both
# expect: ok, memory_limit, error
# limits: wall 4, memory 64
# waived-by: memory:rlimit
tried()
written = 0
for _ in range(200):
    try:
        handle = os.memfd_create("x")
        for _ in range(4):
            written += os.write(handle, b"x" * (1 << 20))
    except OSError:
        break
if written > 128 << 20:
    escaped(f"{written >> 20} MiB in memfds with a limit of 64 MiB")
