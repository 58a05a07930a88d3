# attacks: makes pairs of sockets of other families, and takes privileged options
# stopped-by: system-call filter, no capability
# modes: both
# expect: ok, violation
import socket

tried()
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
for option in (socket.SO_MARK, 32, 33):  # the last two: buffers beyond the system's limit
    attempt(f"option {option}", lambda: one.setsockopt(socket.SOL_SOCKET, option, 1 << 30) or "set")
for family in (socket.AF_INET, socket.AF_INET6, 40, 30):
    attempt(f"a pair of family {family}", lambda: socket.socketpair(family, socket.SOCK_STREAM))
