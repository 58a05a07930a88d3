# attacks: reaches for the cloud's metadata server, a public server and a name
# stopped-by: system-call filter, network namespace
# modes: both
# expect: ok, violation
# limits: wall 4
import socket

tried()
for address in (("169.254.169.254", 80), ("1.1.1.1", 53), ("10.0.0.1", 22), ("192.168.0.1", 80)):
    attempt(f"connect to {address}", lambda: socket.create_connection(address, 0.3))
for name in ("example.com", "metadata.google.internal", "host.docker.internal"):
    attempt(f"the address of {name}", lambda: socket.getaddrinfo(name, 80))
import urllib.request

attempt("a page", lambda: urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=0.3).read(1))
