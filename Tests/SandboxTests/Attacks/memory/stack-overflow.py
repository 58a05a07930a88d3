# attacks: recursion without end
# stopped-by: stack limit of the process
# modes: both
# expect: error, memory_limit
# limits: wall 4
sys.setrecursionlimit(1 << 30)


def fall(*arguments):
    return [fall(*arguments) for _ in "x"]


tried()
fall(*range(100))
