# attacks: leaves a daemon behind and then overstays its own time
# stopped-by: wall limit; everything dies with the run
# modes: both
# expect: timeout
# limits: wall 0.6
tried()
for _ in range(4):
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            pass
        if os.fork():
            os._exit(0)
        while True:
            time.sleep(60)
time.sleep(60)
