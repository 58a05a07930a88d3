# attacks: looks for descriptors that the sandbox left open
# stopped-by: everything but the three standard streams is closed before the program starts
# modes: both
# expect: ok
import stat

tried()
for descriptor in range(3, 5000):
    try:
        found = os.fstat(descriptor)
    except OSError:
        continue
    escaped(f"descriptor {descriptor} of kind {stat.filemode(found.st_mode)}")
for descriptor in range(3):
    mode = os.fstat(descriptor).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        escaped(f"standard stream {descriptor} of kind {stat.filemode(mode)}")
