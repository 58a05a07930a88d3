# attacks: reaches the host's files by symbolic link, hard link, rename and ..
# stopped-by: a root of its own, Landlock follows links
# modes: both
# architecture: x86_64
# expect: ok
tried()
target = facts["host_file"]
for number, path in enumerate((target, "../" * 30 + target, "/proc/self/root" + target, "/proc/self/cwd/../../" + target,
                               "/proc/thread-self/root" + target, "/dev/fd/../root" + target)):
    os.symlink(path, f"link{number}")
    attempt(f"read by {path}", lambda: open(f"link{number}").read())
    attempt(f"write by {path}", lambda: open(f"link{number}", "a").write("x"))
    attempt(f"read {path}", lambda: open(path).read())
attempt("hard link", lambda: os.link(target, "hard"))
if syscall(265, -100, ctypes.c_char_p(b"link0"), -100, ctypes.c_char_p(b"hard2"), 0x400) == 0:
    escaped("a hard link to a link's target")
attempt("rename", lambda: os.rename(target, "stolen"))
for path in ("/", ".", "/box", "/usr"):
    try:
        handle = os.open(path, os.O_PATH | os.O_DIRECTORY)
    except OSError:
        continue
    attempt(f"openat from {path}", lambda: os.open("../" * 20 + target.lstrip("/"), os.O_RDONLY, dir_fd=handle))
    how = (ctypes.c_uint64 * 3)(0, 0, 0)
    answer = syscall(437, handle, ctypes.c_char_p(("../" * 20 + target.lstrip("/")).encode()), ctypes.byref(how), 24)
    if answer >= 0:
        escaped(f"openat2 from {path}")
