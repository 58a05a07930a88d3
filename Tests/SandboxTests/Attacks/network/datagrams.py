# attacks: sends datagrams to a server on the host's loopback interface, each way there is
# stopped-by: system-call filter, network namespace
# modes: both
# expect: ok, violation
import socket

tried()
for family, address in ((socket.AF_INET, ("127.0.0.1", int(facts["udp_port"]))), (socket.AF_INET6, ("::1", 9))):
    try:
        one = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        continue
    attempt("sendto", lambda: one.sendto(b"ESCAPED", address))
    attempt("sendmsg", lambda: one.sendmsg([b"ESCAPED"], [], 0, address))
