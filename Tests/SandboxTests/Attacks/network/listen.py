# attacks: listens, so that somebody on the host connects to it
# stopped-by: system-call filter, network namespace, Landlock
# modes: both
# expect: ok, violation
import socket

tried()
for family, address in ((2, ("0.0.0.0", 0)), (2, ("127.0.0.1", 8080)), (10, ("::", 0))):
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
        one.bind(address)
        one.listen()
        escaped(f"listens on {one.getsockname()}")
    except OSError:
        pass
