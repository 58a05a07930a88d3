# attacks: a directory chain far deeper than any path may be long, for the cleaner to stumble over
# stopped-by: the work directory is unmounted or removed without paths
# modes: both
# expect: ok, memory_limit, error
# limits: wall 6, entries 4096
tried()
try:
    for _ in range(3000):
        os.mkdir("d" * 100)
        os.chdir("d" * 100)
except OSError:
    pass
