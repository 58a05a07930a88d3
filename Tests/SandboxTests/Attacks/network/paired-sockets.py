# attacks: makes pairs of sockets of other families, and takes privileged options
# stopped-by: system-call filter, no capability
# modes: both
# expect: ok, violation
import socket

tried()
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
for number in range(1, 100):
    for option in (socket.SO_BINDTODEVICE, socket.SO_MARK, 33, 32):
        attempt(f"option {option}", lambda: one.setsockopt(socket.SOL_SOCKET, option, b"lo\0\0") or "set")
    break
for family in (socket.AF_INET, socket.AF_INET6, 40, 30):
    attempt(f"a pair of family {family}", lambda: socket.socketpair(family, socket.SOCK_STREAM))
