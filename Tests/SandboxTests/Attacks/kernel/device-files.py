# attacks: opens the devices that lead out of any sandbox, then makes them itself
# stopped-by: a /dev of its own, Landlock, no capability
# modes: both
# expect: ok, violation
tried()
for name in (
    "mem", "kmem", "port", "kvm", "fuse", "net/tun", "vsock", "vhost-vsock", "loop-control", "loop0", "sda", "vda",
    "nvme0n1", "dm-0", "userfaultfd", "watchdog", "kmsg", "snapshot", "uinput", "input/event0", "mapper/control",
    "dri/card0", "nvidia0", "nvidiactl", "ppp", "btrfs-control", "cpu/0/msr", "hpet", "rtc", "autofs", "cuse",
):
    attempt(f"/dev/{name}", lambda: os.open("/dev/" + name, os.O_RDONLY))
for kind, number in ((0o20666, os.makedev(1, 1)), (0o60666, os.makedev(8, 0)), (0o60666, os.makedev(254, 0))):
    attempt(f"mknod {number}", lambda: os.mknod("device", kind, number))
