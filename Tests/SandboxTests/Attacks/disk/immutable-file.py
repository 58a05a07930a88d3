# attacks: marks files immutable and append-only, so that they cannot be removed
# stopped-by: system-call filter (ioctl), no capability
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
handle = os.open("mine", os.O_CREAT | os.O_RDWR)
for flags in (0x10, 0x20, 0x30):
    attribute = ctypes.c_long(flags)
    if syscall(16, handle, 0x40086602, ctypes.byref(attribute)) == 0:
        escaped(f"flags {flags:#x} set")
