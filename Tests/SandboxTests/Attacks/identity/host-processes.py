# attacks: looks at the host's processes
# stopped-by: process namespace; Landlock on /proc
# modes: both
# expect: ok
# waived-by: processes:visible
tried()
parent = int(facts["server_pid"])
visible = processes()
if len(visible) > 8:
    escaped(f"{len(visible)} processes visible")
for pid in set(visible) - {str(os.getpid())}:
    if "swift" in contents(f"/proc/{pid}/comm") or str(parent) == pid:
        escaped(f"the server is process {pid}")
