# attacks: makes a set-uid program, or one with file capabilities, for a later run or for the host to find
# stopped-by: the work directory belongs to one uid, is mounted without set-uid and is gone after the run
# modes: both
# expect: ok
tried()
with open("/bin/sh", "rb") as shell, open("shell", "wb") as copy:
    copy.write(shell.read())
os.chmod("shell", 0o6777)
if os.stat("shell").st_uid == 0:
    escaped("a set-uid program of root's")
capability = bytes.fromhex("0100000200000020000000000000000000000000")
attempt("file capabilities", lambda: os.setxattr("shell", "security.capability", capability))
attempt("a file of root's", lambda: os.chown("shell", 0, 0))
