# attacks: looks at the host's processes
# stopped-by: process namespace; Landlock on /proc
# modes: both
# expect: ok
# waived-by: processes:visible
tried()
parent = int(facts["server_pid"])
try:
    visible = [p for p in os.listdir("/proc") if p.isdigit()]
except OSError:
    visible = []
if len(visible) > 8:
    escaped(f"{len(visible)} processes visible")
for pid in set(visible) - {str(os.getpid())}:
    try:
        if "swift" in open(f"/proc/{pid}/comm").read() or str(parent) == pid:
            escaped(f"the server is process {pid}")
    except OSError:
        pass
