# attacks: opens files until there are no more
# stopped-by: limit on open files
# modes: both
# expect: ok
# limits: wall 3, files 64
tried()
opened = 0
try:
    while opened < 10000:
        os.open("/dev/null", os.O_RDONLY)
        opened += 1
except OSError:
    pass
os.write(1, f"{opened}\n".encode())
if opened > 64:
    escaped(f"{opened} open files with a limit of 64")
