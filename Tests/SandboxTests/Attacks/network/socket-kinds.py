# attacks: raw, packet, netlink, vsock, crypto and datagram sockets
# stopped-by: system-call filter
# modes: both
# architecture: x86_64
# expect: ok, violation
# variants: udp 2 2 17; udp6 10 2 17; raw 2 3 1; icmp 2 2 1; packet 17 3 768; netlink_route 16 3 0; netlink_audit 16 3 9
# variants: netlink_connector 16 2 11; netlink_uevent 16 2 15; vsock 40 1 0; alg 38 5 0; bluetooth 31 3 1; tipc 30 1 0; xdp 44 3 0
# variants: can 29 3 1; kcm 41 5 0; smc 43 1 0; rds 21 5 0
name, *arguments = facts["variant"].split()
tried()
if syscall(41, *[int(a) for a in arguments]) >= 0:
    escaped(f"a socket: {name}")
