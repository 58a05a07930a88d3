# attacks: signals, reads and writes the process that uses the sandbox, whose pid it was told
# stopped-by: process namespace, or Landlock's signal scope and an own uid
# modes: both
# expect: ok, error
tried()
pid = int(facts["server_pid"])
mine = os.getpid()
if pid != mine:
    try:
        if os.path.exists(f"/proc/{pid}"):
            attempt("a signal to the server", lambda: os.kill(pid, 0))
    except OSError:
        pass
    attempt("the server's memory", lambda: os.open(f"/proc/{pid}/mem", os.O_RDWR))
    attempt("the server's environment", lambda: open(f"/proc/{pid}/environ").read())
    attempt("the server's descriptors", lambda: os.listdir(f"/proc/{pid}/fd"))
    attempt("the server's directory", lambda: os.listdir(f"/proc/{pid}/cwd"))
    attempt("the server's limits", lambda: open(f"/proc/{pid}/oom_score_adj", "w"))
