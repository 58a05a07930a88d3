# attacks: raises its resource limits, and those of pid 1
# stopped-by: hard limits; only its own may be read
# modes: both
# expect: ok, violation
import resource

tried()
for limit in range(16):
    soft, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        try:
            resource.setrlimit(limit, (hard + 1, hard + 1))
            escaped(f"limit {limit} raised above {hard}")
        except (ValueError, OSError):
            pass
for pid in {1, os.getppid()} - {0}:
    attempt(f"limits of {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (16, 16)))
