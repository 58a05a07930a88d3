# attacks: connects to a unix socket file of the host
# stopped-by: system-call filter, mount namespace
# modes: both
# expect: ok, violation
import socket

tried()
path = facts["path_socket"]
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    attempt("connect", lambda: socket.socket(socket.AF_UNIX, kind).connect(path) or "connected")
try:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
except OSError:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
attempt("connect a paired socket", lambda: one.connect(path) or "connected")
attempt("send from a paired socket", lambda: one.sendto(b"ESCAPED", path + ".datagrams"))
for path in ("/var/run/docker.sock", "/run/dbus/system_bus_socket", "/dev/log", "/run/systemd/notify"):
    attempt(path, lambda: one.connect(path) or "connected")
