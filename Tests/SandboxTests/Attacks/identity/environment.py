# attacks: reads the environment of the sandbox's caller
# stopped-by: the environment is made anew, before the interpreter starts
# modes: both
# expect: ok
tried()
found = "".join(f"{k}={v}\n" for k, v in os.environ.items())
for pid in ["self"] + [p for p in os.listdir("/proc") if p.isdigit()] if os.path.isdir("/proc/self") else []:
    for name in ("environ", "cmdline"):
        try:
            found += open(f"/proc/{pid}/{name}", errors="replace").read()
        except OSError:
            pass
if facts["secret_half"] + facts["secret_half"][::-1] in found:
    escaped("the caller's secret")
allowed = ("PATH", "HOME", "LANG", "LC_", "TMPDIR", "PYTHON", "USER", "LOGNAME", "OPENBLAS", "OMP", "MKL", "PWD",
           "SHLVL", "_", "TERM", "TZ", "SHELL")
for name in os.environ:
    if not name.startswith(allowed):
        escaped(f"an unexpected variable {name}")
