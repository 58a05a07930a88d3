# attacks: looks for a resource that nobody limited
# stopped-by: limits are set before the program starts
# modes: both
# expect: ok
import resource

tried()
for name, most in (("CORE", 0), ("NOFILE", 4096), ("MSGQUEUE", 0), ("MEMLOCK", 1 << 23), ("SIGPENDING", 4096),
                   ("NICE", 0), ("RTPRIO", 0), ("FSIZE", 1 << 40), ("STACK", 1 << 30)):
    if not 0 <= resource.getrlimit(getattr(resource, "RLIMIT_" + name))[1] <= most:
        escaped(f"RLIMIT_{name} is {resource.getrlimit(getattr(resource, 'RLIMIT_' + name))}")
