# attacks: makes everybody else die first when memory runs out
# stopped-by: lowering needs a capability
# modes: both
# expect: ok
tried()
path = "/proc/self/oom_score_adj"
try:
    own = int(open(path).read())
    for value in (-1000, -1, own - 1):
        attempt(f"oom_score_adj {value} from {own}", lambda: os.write(os.open(path, os.O_WRONLY), b"%d\n" % value))
except OSError:
    pass
