# attacks: starts every set-uid program there is
# stopped-by: no new privileges; mounts without set-uid
# modes: both
# expect: ok, violation
import subprocess

tried()
for name in ("su", "mount", "umount", "passwd", "newgrp", "chsh", "gpasswd", "sudo", "pkexec", "ping", "fusermount3"):
    for place in ("/usr/bin/", "/bin/", "/usr/sbin/"):
        if os.access(place + name, os.X_OK):
            reader, writer = os.pipe()
            child = subprocess.Popen(
                [place + name, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            try:
                status = open(f"/proc/{child.pid}/status").read().split("Uid:")[1].split()[:4]
                if "0" in status[1:3]:
                    escaped(f"{name} runs with uids {status}")
            except (OSError, IndexError):
                pass
            try:
                child.wait(0.2)
            except subprocess.TimeoutExpired:
                child.kill()
