# attacks: crashes the interpreter
# stopped-by: a run is a process of its own
# modes: both
# expect: error
# variants: null; abort; code; illegal; kill; bus; float
import signal

tried()
kind = facts["variant"]
if kind == "null":
    ctypes.string_at(0)
elif kind == "abort":
    os.abort()
elif kind == "code":
    code = (lambda: 0).__code__
    (lambda: 0).__class__(code.replace(co_code=bytes([100, 255] * 200), co_consts=()), {})()
elif kind == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
number = {"illegal": signal.SIGILL, "bus": signal.SIGBUS, "float": signal.SIGFPE}.get(kind, signal.SIGSEGV)
signal.signal(number, signal.SIG_DFL)
os.kill(os.getpid(), number)
