# attacks: hands over a file that nobody may read, in a directory that nobody may enter
# stopped-by: permissions of the work directory do not bind, or are reported
# modes: both
# expect: ok
# collect: out.txt, closed/out.txt
# files: any
tried()
os.mkdir("closed")
for name in ("out.txt", "closed/out.txt"):
    open(name, "w").write("x")
    os.chmod(name, 0)
os.chmod("closed", 0)
