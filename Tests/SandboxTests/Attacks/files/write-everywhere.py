# attacks: makes a file in every directory there is
# stopped-by: a root of its own mounted read-only, Landlock
# modes: both
# expect: ok
tried()
places = ["/", "/etc", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/bin", "/lib", "/lib64", "/sbin", "/var",
          "/var/lib", "/var/log", "/home", "/root", "/boot", "/opt", "/mnt", "/media", "/srv", "/proc", "/sys",
          "/dev", "/run", "/box", facts["home"], facts["current_directory"], facts["host_directory"],
          os.path.dirname(sys.executable or "/x/y"), os.path.dirname(os.__file__), "/proc/self", "/dev/pts"]
for place in places:
    attempt(f"a file in {place}", lambda: os.open(place + "/attack", os.O_CREAT | os.O_WRONLY))
    attempt(f"a directory in {place}", lambda: os.mkdir(place + "/attack.d"))
    attempt(f"a link in {place}", lambda: os.symlink("x", place + "/attack.l"))
    attempt(f"a nameless file in {place}", lambda: os.open(place, os.O_TMPFILE | os.O_RDWR))
