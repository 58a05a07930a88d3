# attacks: connects to an abstract unix socket of the host
# stopped-by: system-call filter, network namespace, Landlock's scope
# modes: both
# expect: ok, violation
import socket

tried()
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    attempt(
        "connect", lambda: socket.socket(socket.AF_UNIX, kind).connect("\0" + facts["abstract_socket"]) or "connected")
try:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
except OSError:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
attempt("connect a paired socket", lambda: one.connect("\0" + facts["abstract_socket"]) or "connected")
attempt("send from a paired socket", lambda: one.sendto(b"ESCAPED", "\0" + facts["abstract_datagram_socket"]))
