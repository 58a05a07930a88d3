# attacks: forks without end, every child too
# stopped-by: process limit; everything dies with the run
# modes: both
# expect: timeout
# limits: wall 0.6, processes 32
import signal

tried()
children = 0
while True:
    try:
        if os.fork():
            children += 1
            if children > 32:
                escaped(f"{children} children with a limit of 32 processes")
                break
    except OSError:
        time.sleep(0.01)
