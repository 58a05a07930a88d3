# attacks: writes result frames of the sandbox's own protocol to every descriptor there could be
# stopped-by: the run has no descriptor of the protocol
# modes: both
# expect: ok
# limits: output 256
import stat, struct


def field(tag, data):
    return struct.pack("<BI", tag, len(data)) + data


forged = b"\x82" + field(1, struct.pack("<q", 1)) + field(2, b"exited") + field(3, struct.pack("<q", 0))
forged += field(5, b"FORGED")
frame = struct.pack("<I", len(forged)) + forged
tried()
for descriptor in range(1024):
    try:
        if descriptor in (1, 2) or stat.S_ISCHR(os.fstat(descriptor).st_mode):
            continue
        os.write(descriptor, frame)
        escaped(f"descriptor {descriptor} took a frame")
    except OSError:
        pass
os.write(1, frame)
