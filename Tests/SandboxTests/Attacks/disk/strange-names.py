# attacks: names with every byte that a name may hold, the longest and the most misleading
# stopped-by: names are bytes to the cleaner
# modes: both
# expect: ok
tried()
for byte in set(range(1, 256)) - {ord("/"), ord(".")}:
    open(bytes([byte]), "w").close()
for name in (b"...", b".. ", b"-rf", b"**", b"\xff" * 255, b"a\n/bin/sh".replace(b"/", b"_"), b"$(reboot)", b"'\"\\"):
    os.mkdir(name)
