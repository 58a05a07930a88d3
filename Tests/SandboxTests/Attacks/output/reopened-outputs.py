# attacks: opens its output pipes for reading and never reads, so that they fill up
# stopped-by: wall limit
# modes: both
# expect: ok, timeout, output_limit
# limits: wall 0.6
tried()
ends = []
for name in ("/proc/self/fd/1", "/proc/self/fd/2", "/dev/stdout"):
    try:
        ends.append(os.open(name, os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        pass
if os.fork() == 0:
    time.sleep(60)
