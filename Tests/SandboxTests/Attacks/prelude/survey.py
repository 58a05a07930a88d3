# What a program finds when it starts. Two runs must find the same, whatever another run did in between.
import builtins, json, os, resource, signal, sys


def tree(top):
    found = []
    for folder, folders, files in os.walk(top):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            found.append([path, oct(status.st_mode), status.st_uid, status.st_size if name in files else 0])
    return sorted(found)


def mode(path):
    try:
        status = os.stat(path)
        return [oct(status.st_mode), status.st_uid, status.st_gid]
    except OSError as error:
        return str(error)


def read(path):
    try:
        return open(path).read()
    except OSError:
        return None


libc = __import__("ctypes").CDLL(None)
print(json.dumps({
    "work": tree("."),
    "places": {top: tree(top) for top in ("/box", "/tmp", "/dev/shm", "/var/tmp", "/run")
               if os.path.isdir(top) and not os.path.samefile(top, "/") and os.access(top, os.R_OK) and "/box/" in os.getcwd() + "/"},
    "modes": {top: mode(top) for top in ("/", "/box", "/box/work", "/tmp", "/dev", "/dev/null", "/dev/shm", "/usr")},
    "directory": mode("."),
    "identity": [os.getresuid(), os.getresgid(), os.getgroups()],
    "environment": dict(os.environ),
    "limits": [resource.getrlimit(which) for which in range(16)],
    "signals": [sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
                [str(signal.getsignal(number)) for number in (2, 13, 15, 24)]],
    "mask": oct(os.umask(0o22)),
    "priority": [os.getpriority(os.PRIO_PROCESS, 0), len(os.sched_getaffinity(0)), read("/proc/self/oom_score_adj")],
    "host": os.uname().nodename if "/box/" in os.getcwd() + "/" else "",
    "builtins": sorted(dir(builtins)),
    "modules": sorted(sys.modules),
    "path": sys.path,
    "arguments": sys.argv,
    "descriptors": [number for number in range(4096) if libc.fcntl(number, 1) >= 0],
    "processes": len([name for name in os.listdir("/proc") if name.isdigit()]) if os.getpid() < 1 << 20 and os.path.isdir("/proc/1") and "/box/" in os.getcwd() + "/" else 0,
}, sort_keys=True))
