# attacks: hands over a directory that is a link, with the caller's own path through it
# stopped-by: no component of a collected path may be a link
# modes: both
# expect: ok
# collect: a/b/passwd, a/b/*, self/root/etc/passwd, **/passwd
# files: none
tried()
os.mkdir("a")
os.symlink("/etc", "a/b")
os.symlink("/proc/self", "self")
