# attacks: hands over a hard link to a system file
# stopped-by: links do not cross mounts; Landlock
# modes: both
# expect: ok
# collect: out.txt
# files: none
tried()
for path in (facts["host_file"], "/etc/passwd", "/bin/sh", "/proc/self/environ"):
    attempt(f"a hard link to {path}", lambda: os.link(path, "out.txt"))
