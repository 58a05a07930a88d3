# attacks: arguments that differ only in the half that the kernel does not look at
# stopped-by: the filter compares the 32 bits that the kernel compares
# modes: both
# architecture: x86_64
# expect: ok, violation
# variants: tiocsti 16 0 0x5412; tioclinux 16 0 0x541C; socket_inet 41 2 1 0; socket_vsock 41 40 1 0; set_securebits 157 28 1 0; clone_newuser 56 0x10000000 0 0
name, number, first, *others = facts["variant"].split()
tried()
for high in (1 << 32, 0xFFFFFFFF << 32):
    values = [int(first, 0)] + [int(o, 0) for o in others]
    for place in range(len(values)):
        changed = list(values)
        changed[place] |= high
        answer = syscall(int(number), *changed, 0, 0, 0)
        if answer == 0 and name == "clone_newuser":
            os._exit(0)
        if answer >= 0:
            escaped(f"{name} with {changed}")
