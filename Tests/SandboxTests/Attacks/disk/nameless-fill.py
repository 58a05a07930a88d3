# attacks: fills files that never had a name (O_TMPFILE)
# stopped-by: size of the work directory
# modes: both
# expect: ok, memory_limit, error, violation
# limits: wall 4, disk 8
# waived-by: quota:polled
tried()
written = 0
try:
    for number in range(50):
        handle = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600)
        for _ in range(4):
            written += os.write(handle, b"x" * (1 << 20))
except OSError:
    pass
if written > 16 << 20:
    escaped(f"{written >> 20} MiB with a limit of 8 MiB")
