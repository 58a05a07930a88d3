# attacks: plants modules and byte code where the interpreter of a later run would look
# stopped-by: every place that can be written is new for each run; the module path has no such place
# modes: both
# expect: ok
import py_compile

tried()
for name in ("sitecustomize", "usercustomize", "json", "random", "os", "encodings/__init__"):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    open(name + ".py", "w").write("import os; os.write(1, b'ESCAPED: a planted module\\n')")
library = os.path.dirname(os.__file__)
for name in ("json/__init__.py", "random.py", "colorsys.py"):
    attempt(f"byte code of {name}", lambda: os.open(
        f"{library}/{os.path.dirname(name)}/__pycache__/attack.pyc", os.O_CREAT | os.O_WRONLY))
for top in ("/usr/lib/python3/dist-packages", "/usr/local/lib/python3/dist-packages",
            os.path.expanduser("~/.local/lib"), library + "/site-packages"):
    try:
        os.makedirs(top, exist_ok=True)
        open(top + "/attack.pth", "w").write("import os; os.write(1, b'ESCAPED: a planted path file\\n')")
    except OSError:
        pass
