# attacks: reads the environment of the sandbox's caller
# stopped-by: the environment is made anew, before the interpreter starts
# modes: both
# expect: ok
tried()
found = "".join(f"{k}={v}\n" for k, v in os.environ.items())
for pid in ["self"] + processes():
    for name in ("environ", "cmdline"):
        found += contents(f"/proc/{pid}/{name}")
if facts["secret_half"] + facts["secret_half"][::-1] in found:
    escaped("the caller's secret")
allowed = ("PATH", "HOME", "LANG", "LC_", "TMPDIR", "PYTHON", "USER", "LOGNAME", "OPENBLAS", "OMP", "MKL", "PWD",
           "SHLVL", "_", "TERM", "TZ", "SHELL")
for name in os.environ:
    if not name.startswith(allowed):
        escaped(f"an unexpected variable {name}")
