# attacks: signals pid 1 and its parent through a pidfd, and takes descriptors out of them
# stopped-by: system-call filter, another uid
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
for target in {1, os.getppid()} - {0}:
    handle = syscall(434, target, 0)
    if handle >= 0:
        for number in (9, 19):
            if syscall(424, handle, number, 0, 0) == 0:
                escaped(f"signal {number} to {target} through a pidfd")
        for descriptor in range(16):
            if syscall(438, handle, descriptor, 0) >= 0:
                escaped(f"descriptor {descriptor} of {target}")
