# attacks: keeps its output growing while it is collected
# stopped-by: files are collected when no process is left, up to a limit
# modes: both
# expect: ok
# collect: out.txt
# files: any
# limits: wall 3, collected 64
tried()
open("out.txt", "w").close()
if os.fork() == 0:
    try:
        with open("out.txt", "ab") as file:
            while True:
                file.write(b"x" * 100)
    except OSError:
        os._exit(0)
time.sleep(0.1)
