# attacks: makes files, directories and links without end
# stopped-by: inode limit of the work directory
# modes: both
# expect: ok, memory_limit, error, violation
# limits: wall 6, entries 512
# waived-by: inodes:none
tried()
made = 0
try:
    while made < 6000:
        os.mkdir(f"d{made}")
        os.symlink("x", f"l{made}")
        os.close(os.open(f"f{made}", os.O_CREAT))
        made += 3
except OSError:
    pass
if made > 2 * 512:
    escaped(f"{made} entries with a limit of 512")
