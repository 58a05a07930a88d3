# attacks: fills the buffers of many pipes, enlarged
# stopped-by: limit on open files, memory limit, the kernel's limit on pipe pages
# modes: both
# expect: ok, memory_limit, error
# limits: wall 4, memory 64
import fcntl

tried()
kept = 0
try:
    for _ in range(1000):
        out, into = os.pipe()
        os.set_blocking(into, False)
        try:
            fcntl.fcntl(into, 1031, 1 << 20)
        except OSError:
            pass
        try:
            while True:
                kept += os.write(into, b"x" * 65536)
        except BlockingIOError:
            pass
except OSError:
    pass
if kept > 128 << 20:
    escaped(f"{kept >> 20} MiB in pipes with a limit of 64 MiB")
