# attacks: locks and leases the system's files, so that others wait
# stopped-by: everything dies with the run; leases need ownership
# modes: both
# expect: ok
import fcntl

tried()
for path in ("/bin/sh", os.__file__, "/dev/null"):
    try:
        handle = os.open(path, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        attempt("a lease", lambda: fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK) or "granted")
    except OSError:
        pass
if os.fork() == 0:
    time.sleep(60)
