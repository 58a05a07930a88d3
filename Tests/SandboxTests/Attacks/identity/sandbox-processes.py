# attacks: stops, kills and rewrites the processes of the sandbox itself
# stopped-by: process namespace, another uid, system-call filter
# modes: both
# expect: ok, violation, error
tried()
for pid in range(1, 400):
    if pid in (os.getpid(), 0):
        continue
    for number in (0, 9):
        try:
            os.kill(pid, number)
            escaped(f"signal {number} to process {pid}")
        except OSError:
            pass
    attempt(f"memory of {pid}", lambda: os.open(f"/proc/{pid}/mem", os.O_RDWR))
