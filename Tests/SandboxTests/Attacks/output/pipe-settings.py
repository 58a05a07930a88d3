# attacks: turns its output pipes into packet pipes of one page that never block, owned by pid 1
# stopped-by: the reader's end is its own
# modes: both
# expect: ok
import fcntl

tried()
for descriptor in (0, 1, 2):
    for command, value in ((1031, 4096), (fcntl.F_SETFL, os.O_NONBLOCK | 0o40000 | 0o20000), (fcntl.F_SETOWN, 1)):
        try:
            fcntl.fcntl(descriptor, command, value)
        except OSError:
            pass
for _ in range(100):
    try:
        os.write(1, b"packet\n")
    except BlockingIOError:
        pass
