# attacks: parks descriptors in socket messages, beyond the limit on open files
# stopped-by: the kernel's limit on descriptors in flight
# modes: both
# expect: ok, memory_limit, error
# limits: wall 4, memory 64, files 64
import array, socket

tried()
parked, pairs = 0, []
null = os.open("/dev/null", os.O_RDONLY)
try:
    for _ in range(20):
        one, other = socket.socketpair()
        pairs += [one, other]
        one.setblocking(False)
        try:
            while parked < 100000:
                one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null] * 250))])
                parked += 250
        except BlockingIOError:
            pass
except OSError:
    pass
if parked > 20000:
    escaped(f"{parked} descriptors in flight with a limit of 64 open files")
