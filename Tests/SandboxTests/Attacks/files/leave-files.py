# attacks: leaves a mark wherever it can, for the next run to find
# stopped-by: every place that can be written is new for each run
# modes: both
# expect: ok
tried()
for top in ("/tmp", "/dev/shm", "/var/tmp", "/box", "/box/tmp", "/box/work", "/run", "/run/lock", "/dev", "/dev/mqueue",
            os.path.expanduser("~"), os.getcwd(), os.path.dirname(os.getcwd())):
    for action in (
        lambda: open(top + "/mark", "w").write("x"), lambda: os.mkdir(top + "/.mark"), lambda: os.chmod(top, 0o700),
        lambda: os.utime(top, (1, 1)), lambda: os.setxattr(top, "user.mark", b"x"), lambda: os.mkfifo(top + "/fifo"),
        lambda: os.rename(top + "/tmp", top + "/moved"), lambda: os.rename(top + "/work", top + "/moved"),
        lambda: os.rmdir(top + "/tmp"), lambda: os.rmdir(top),
    ):
        try:
            action()
        except OSError:
            pass
