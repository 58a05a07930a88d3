# attacks: fills the buffers of many socket pairs
# stopped-by: limit on open files, memory limit
# modes: both
# expect: ok, memory_limit, error
# limits: wall 4, memory 64
import socket

tried()
kept, pairs = 0, []
try:
    for _ in range(1000):
        one, other = socket.socketpair()
        pairs += [one, other]
        for end in one, other:
            end.setblocking(False)
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
            except OSError:
                pass
            try:
                while True:
                    kept += end.send(b"x" * 65536)
            except BlockingIOError:
                pass
except OSError:
    pass
if kept > 128 << 20:
    escaped(f"{kept >> 20} MiB in sockets with a limit of 64 MiB")
