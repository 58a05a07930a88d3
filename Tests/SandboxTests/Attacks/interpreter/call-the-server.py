# attacks: calls the fork server's own functions again, from inside a run
# stopped-by: their descriptors are closed and the system-call filter stays
# modes: both
# expect: ok, error, timeout, violation
# limits: wall 2
import types

tried()
frame = sys._getframe().f_back
while frame:
    for place in (frame.f_globals, frame.f_locals):
        for name, found in list(place.items()):
            if isinstance(found, types.FunctionType) and found.__code__.co_argcount == 0 and name not in globals():
                if os.fork() == 0:
                    try:
                        found()
                    finally:
                        os._exit(0)
    frame = frame.f_back
time.sleep(0.2)
