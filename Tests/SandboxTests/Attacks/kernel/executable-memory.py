# attacks: runs a program that no path leads to (memfd), hoping for rights that paths would have refused
# stopped-by: the sandbox binds the process, not the path
# modes: both
# expect: ok
tried()
try:
    handle = os.memfd_create("program", 0)
    os.write(handle, open("/bin/sh", "rb").read())
    if os.fork() == 0:
        try:
            os.execve(handle, ["sh", "-c", "echo x > /etc/attack && echo ESCAPED: wrote /etc"], {})
        finally:
            os._exit(0)
    os.wait()
except OSError:
    pass
