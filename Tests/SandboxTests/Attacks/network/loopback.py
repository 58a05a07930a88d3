# attacks: connects to a server on the host's loopback interface
# stopped-by: system-call filter, network namespace, Landlock
# modes: both
# expect: ok, violation
import socket

tried()
port = int(facts["tcp_port"])
for address in ("127.0.0.1", "0.0.0.0", "127.1.2.3"):
    attempt(f"connect to {address}", lambda: socket.create_connection((address, port), 0.5).send(b"ESCAPED"))
