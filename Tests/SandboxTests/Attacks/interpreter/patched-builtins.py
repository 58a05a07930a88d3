# attacks: replaces the built-in functions, for the next run to trip over
# stopped-by: a run is a fork of its own
# modes: both
# expect: ok, error
import builtins, io, json

tried()
for name in ("print", "len", "open", "exec", "compile", "__import__", "__build_class__", "getattr", "isinstance"):
    setattr(builtins, name, lambda *a, **k: os._exit(0))
io.open = json.dumps = os.write = os.fork = None
sys.modules.clear()
sys.path[:] = ["/box/work"]
