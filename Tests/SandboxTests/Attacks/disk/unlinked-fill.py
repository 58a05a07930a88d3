# attacks: fills files that it deleted while they were open: no directory lists them
# stopped-by: size of the work directory
# modes: both
# expect: ok, memory_limit, error, violation
# limits: wall 4, disk 8
# waived-by: quota:polled
tried()
written, kept = 0, []
try:
    for number in range(100):
        file = open("fill", "wb", buffering=0)
        os.unlink("fill")
        kept.append(file)
        for _ in range(4):
            written += file.write(b"x" * (1 << 20))
except OSError:
    pass
if written > 16 << 20:
    escaped(f"{written >> 20} MiB with a limit of 8 MiB")
