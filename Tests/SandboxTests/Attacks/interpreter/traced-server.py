# attacks: hooks into the interpreter: trace, profile and audit functions, signal handlers, garbage collection
# stopped-by: a run is a fork of its own
# modes: both
# expect: ok, error
import gc, signal

tried()


def hook(*arguments):
    return hook


sys.settrace(hook)
sys.setprofile(hook)
sys.addaudithook(hook)
gc.callbacks.append(hook)
sys.setswitchinterval(1e-9)
gc.set_threshold(1)
for number in (2, 10, 12, 13, 15, 17):
    signal.signal(number, lambda *_: None)
sys.displayhook = sys.excepthook = hook
sys.meta_path.clear()
sys.path_hooks.clear()
