# attacks: hands its computing on from child to child, the finished ones already reaped
# stopped-by: CPU time of the whole run counts
# modes: both
# expect: timeout
# limits: wall 8, cpu 1
# waived-by: cpu:rlimit
tried()
for _ in range(20):
    if os.fork() == 0:
        while time.process_time() < 0.2:
            pass
        os._exit(0)
    os.wait()
escaped("4 s of computing with a CPU limit of 1 s")
