# attacks: makes everybody else die first when memory runs out
# stopped-by: lowering needs a capability
# modes: both
# expect: ok
tried()
path = "/proc/self/oom_score_adj"
own = contents(path)
if own:
    for value in (-1000, -1, int(own) - 1, 0):
        attempt(f"oom_score_adj {value} from {own}", lambda: os.write(os.open(path, os.O_WRONLY), b"%d\n" % value))
    if int(own) < 500:
        escaped(f"oom_score_adj {own}: others would be killed first")
