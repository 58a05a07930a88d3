# attacks: many children, each below the memory limit
# stopped-by: memory limit of the whole run
# modes: both
# expect: ok, memory_limit, error, timeout
# limits: wall 4, memory 64
# waived-by: memory:rlimit
tried()
report, reply = os.pipe()
for _ in range(12):
    if os.fork() == 0:
        try:
            block = bytearray(b"x" * (40 << 20))
            os.write(reply, b"x")
            time.sleep(60)
        finally:
            os._exit(0)
os.close(reply)
time.sleep(1)
os.set_blocking(report, False)
try:
    filled = len(os.read(report, 100))
except BlockingIOError:
    filled = 0
if filled > 3:
    escaped(f"{filled} children hold 40 MiB each with a limit of 64 MiB")
os._exit(0)
