# attacks: spreads its computing over children, each below the CPU limit
# stopped-by: CPU time of the whole run counts
# modes: both
# expect: timeout
# limits: wall 8, cpu 1
# waived-by: cpu:rlimit
tried()
for _ in range(4):
    if os.fork() == 0:
        while time.process_time() < 0.9:
            pass
        os._exit(0)
for _ in range(4):
    os.wait()
escaped("3.6 s of computing with a CPU limit of 1 s")
