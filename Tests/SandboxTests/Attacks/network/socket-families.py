# attacks: opens a socket of every family there is
# stopped-by: system-call filter (namespaces do not cover vsock, and no-namespace mode has none)
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
for family in [0] + list(range(2, 46)):
    if syscall(41, family, 1, 0) >= 0:
        escaped(f"a stream socket of family {family}")
