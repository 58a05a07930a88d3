# attacks: fills the work directory
# stopped-by: size of the work directory
# modes: both
# expect: ok, memory_limit, error, output_limit, violation
# limits: wall 4, disk 8
# waived-by: quota:polled
tried()
written = 0
try:
    for number in range(100):
        with open(f"fill{number}", "wb", buffering=0) as file:
            for _ in range(4):
                written += file.write(b"x" * (1 << 20))
except OSError:
    pass
if written > 16 << 20:
    escaped(f"{written >> 20} MiB with a limit of 8 MiB")
