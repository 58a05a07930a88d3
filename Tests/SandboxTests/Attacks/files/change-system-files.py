# attacks: changes, renames and removes the programs and libraries that later runs will use
# stopped-by: read-only mounts, Landlock, another uid
# modes: both
# expect: ok
tried()
library = next((l.split()[-1] for l in contents("/proc/self/maps").splitlines() if "libc.so" in l or "libc-" in l), "/lib/libc.so.6")
for path in {sys.executable or "/usr/bin/python3", "/bin/sh", "/bin/bash", os.__file__, library, "/etc/passwd",
             "/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/null", "/dev/urandom", "/proc/self/exe", "/proc/1/exe", facts["host_file"]}:
    if not path.startswith("/dev/"):
        attempt(f"write {path}", lambda: os.open(path, os.O_WRONLY))
        attempt(f"truncate {path}", lambda: os.truncate(path, 0))
    attempt(f"chmod {path}", lambda: os.chmod(path, 0o777))
    attempt(f"chown {path}", lambda: os.chown(path, os.getuid(), os.getgid()))
    attempt(f"rename {path}", lambda: os.rename(path, path + ".attack"))
    attempt(f"unlink {path}", lambda: os.unlink(path))
    attempt(f"touch {path}", lambda: os.utime(path, (1, 1)))
    attempt(f"attribute of {path}", lambda: os.setxattr(path, "user.attack", b"x"))
