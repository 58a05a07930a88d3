# attacks: names a destination in a batch of messages (sendmmsg), which simple filters forget
# stopped-by: system-call filter, Landlock's scope, network namespace
# modes: both
# architecture: x86_64
# expect: ok, violation
import socket

tried()
try:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
except OSError:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)


class Message(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint32), ("vectors", ctypes.c_void_p),
                ("count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("sent", ctypes.c_uint32)]


for name in (b"\0" + facts["abstract_datagram_socket"].encode(), facts["path_socket"].encode() + b".datagrams\0"):
    address = ctypes.create_string_buffer(b"\x01\x00" + name, 2 + len(name))
    text = ctypes.create_string_buffer(b"ESCAPED")
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(text), 7)
    message = Message(ctypes.addressof(address), 2 + len(name), ctypes.addressof(vector), 1, None, 0, 0, 0)
    if syscall(307, one.fileno(), ctypes.byref(message), 1, 0) > 0:
        escaped(f"a message to {name}")
