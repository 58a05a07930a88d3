# attacks: becomes the reaper of orphans and sheds the parent-death signal, to outlive the run
# stopped-by: everything dies with the run
# modes: both
# expect: ok
tried()
libc.prctl(36, 1, 0, 0, 0)
libc.prctl(1, 0, 0, 0, 0)
if os.fork() == 0:
    libc.prctl(1, 0, 0, 0, 0)
    if os.fork() == 0:
        while True:
            time.sleep(60)
    os._exit(0)
