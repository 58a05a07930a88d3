# attacks: every call that changes who it is
# stopped-by: system-call filter, no capability, one uid in the namespace
# modes: both
# architecture: x86_64
# expect: ok, violation
tried()
for what, action in (
    ("setuid", lambda: os.setuid(0)), ("seteuid", lambda: os.seteuid(0)), ("setreuid", lambda: os.setreuid(0, 0)),
    ("setresuid", lambda: os.setresuid(0, 0, 0)), ("setgid", lambda: os.setgid(0)),
    ("setresgid", lambda: os.setresgid(0, 0, 0)), ("setgroups", lambda: os.setgroups([0])),
    ("another user", lambda: os.setuid(os.getuid() + 2)), ("nobody", lambda: os.setresuid(65534, 65534, 65534)),
):
    attempt(what, action)
for number in (122, 123):
    syscall(number, 0)
    if syscall(number, -1) == 0:
        escaped("file system uid 0")
if 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid()) or 0 in os.getgroups():
    escaped(f"runs as {os.getresuid()} {os.getresgid()} {os.getgroups()}")
