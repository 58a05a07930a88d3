# attacks: makes names without end for one file
# stopped-by: inode limit of the work directory (names count), memory limit
# modes: both
# expect: ok, memory_limit, error, timeout, violation
# limits: wall 3, entries 512
# waived-by: inodes:none
tried()
open("one", "w").close()
made = 0
try:
    while made < 20000:
        os.link("one", f"{'n' * 200}{made}")
        made += 1
except OSError:
    pass
if made > 2 * 512:
    escaped(f"{made} names with a limit of 512")
