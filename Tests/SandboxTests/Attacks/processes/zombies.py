# attacks: leaves a thousand dead children unreaped
# stopped-by: process limit (the dead count until reaped); everything is reaped with the run
# modes: both
# expect: ok
# limits: wall 3, processes 32
tried()
dead = 0
try:
    for _ in range(1000):
        if os.fork() == 0:
            os._exit(0)
        dead += 1
except OSError:
    pass
if dead > 32:
    escaped(f"{dead} zombies with a limit of 32 processes")
