# attacks: makes its end last for ever: exit handlers, threads, destructors, output that never flushes
# stopped-by: wall limit
# modes: both
# expect: timeout, ok, error
# limits: wall 0.6
# variants: handler; thread; destructor; flush; excepthook; unraisable
import atexit, threading

tried()
kind = facts["variant"]


class Stuck:
    def __del__(self):
        time.sleep(60)

    def write(self, text):
        time.sleep(60)

    def flush(self):
        time.sleep(60)


if kind == "handler":
    atexit.register(time.sleep, 60)
elif kind == "thread":
    threading.Thread(target=time.sleep, args=(60,)).start()
elif kind == "destructor":
    stuck = Stuck()
    stuck.itself = stuck
elif kind == "flush":
    sys.stdout = sys.stderr = Stuck()
elif kind == "excepthook":
    sys.excepthook = lambda *a: time.sleep(60)
    raise RuntimeError("x")
elif kind == "unraisable":
    sys.unraisablehook = lambda *a: time.sleep(60)

    class Raises:
        def __del__(self):
            raise RuntimeError("x")

    raises = Raises()
