# attacks: replaces every way to end, so that the run falls through into the fork server's own code
# stopped-by: a run that comes back into the server's code ends at once
# modes: both
# expect: ok, error, timeout
# limits: wall 2
import signal, threading

os._exit = lambda *a: None
sys.exit = lambda *a: None
os.kill = lambda *a: None
os.abort = lambda *a: None
threading._shutdown = lambda *a: None
for module in list(sys.modules.values()):
    for name in ("_exit", "exit", "waitpid", "wait4", "fork", "sendmsg", "send", "close"):
        if hasattr(module, name) and getattr(module, "__name__", "") not in ("ctypes",):
            try:
                setattr(module, name, lambda *a, **k: 0)
            except (AttributeError, TypeError):
                pass
os.write(1, b"TRIED\n") if callable(os.write) else None
