# attacks: hides data in extended attributes, which no quota lists
# stopped-by: system-call filter, the file system's own limits
# modes: both
# expect: ok, memory_limit, error, violation
# limits: wall 4, entries 512
# waived-by: quota:polled
tried()
stored = 0
try:
    for file in range(400):
        open(f"f{file}", "w").close()
        for number in range(40):
            os.setxattr(f"f{file}", f"user.a{number}", b"x" * 4000)
            stored += 4000
except OSError:
    pass
if stored > 16 << 20:
    escaped(f"{stored >> 20} MiB in extended attributes")
