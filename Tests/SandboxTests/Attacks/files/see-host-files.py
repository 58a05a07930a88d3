# attacks: asks whether the host's files exist, and how large they are
# stopped-by: a root of its own
# modes: both
# expect: ok
# waived-by: metadata
tried()
for path in (facts["host_file"], facts["repository"], "/root/.bashrc", "/etc/shadow"):
    attempt(f"stat {path}", lambda: os.stat(path))
    if os.access(path, os.F_OK):
        escaped(f"{path} exists")
    attempt(f"path handle of {path}", lambda: os.open(path, os.O_PATH))
