# attacks: keeps swapping its output between a file and a link while it is collected
# stopped-by: files are collected when no process is left
# modes: both
# expect: ok
# collect: out.txt
# files: any
tried()
open("file", "w").write("harmless")
if os.fork() == 0:
    try:
        os.setsid()
    except OSError:
        pass
    while True:
        try:
            os.symlink("/etc/shadow", "link")
            os.rename("link", "out.txt")
            os.link("file", "hard")
            os.rename("hard", "out.txt")
        except OSError:
            try:
                os.unlink("hard")
            except OSError:
                pass
time.sleep(0.2)
