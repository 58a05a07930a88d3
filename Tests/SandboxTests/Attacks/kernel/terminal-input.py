# attacks: types into the terminal of whoever started the sandbox
# stopped-by: system-call filter (ioctl), no terminal
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
key = ctypes.c_char(b"x")
for descriptor in range(3):
    for request in (0x5412, 0x541C, 0x540E):
        if syscall(16, descriptor, request, ctypes.byref(key)) >= 0:
            escaped(f"ioctl {request:#x} on {descriptor}")
for name in ("/dev/tty", "/dev/console", "/dev/ptmx", "/dev/tty0", "/dev/pts/0"):
    attempt(name, lambda: os.open(name, os.O_RDWR))
