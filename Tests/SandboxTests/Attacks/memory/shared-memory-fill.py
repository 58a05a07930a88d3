# attacks: fills /dev/shm, /tmp and the work directory at once
# stopped-by: size of the run's own memory file systems, memory limit
# modes: both
# expect: ok, memory_limit, error, violation
# limits: wall 4, memory 64, disk 16
# waived-by: quota:polled
tried()
written = 0
for place in ("/dev/shm", "/tmp", os.getcwd(), "/box/tmp", "/var/tmp", "/run", "/run/lock"):
    try:
        with open(place + "/fill", "wb", buffering=0) as file:
            for _ in range(96):
                written += file.write(b"x" * (1 << 20))
    except OSError:
        pass
if written > 64 << 20:
    escaped(f"{written >> 20} MiB of files with a limit of 16 MiB")
