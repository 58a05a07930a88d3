# attacks: reads the host's files: secrets, homes, the server's own directory
# stopped-by: a root of its own, Landlock
# modes: both
# expect: ok
tried()
for path in (
    "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/root/.ssh/id_rsa", "/root/.bashrc", "/root/.bash_history",
    "/etc/ssh/ssh_host_ed25519_key", "/var/log/syslog", "/var/lib/dpkg/status", "/etc/machine-id", "/proc/1/environ",
    "/boot/config", "/run/secrets/x", "/var/run/secrets/kubernetes.io/serviceaccount/token", "/.dockerenv",
    facts["host_file"], facts["current_directory"] + "/Package.swift", facts["repository"] + "/README.md",
    facts["home"] + "/.profile",
):
    attempt(f"read {path}", lambda: os.read(os.open(path, os.O_RDONLY), 64))
for path in ("/root", "/home", "/var/log", "/tmp/..", facts["home"], facts["current_directory"],
             facts["repository"], facts["host_directory"]):
    found = None
    try:
        found = os.listdir(path)
    except OSError:
        continue
    if found and path not in ("/tmp/..",):
        escaped(f"list {path}: {found[:5]}")
