# attacks: leaves daemons behind after a cell
# stopped-by: stray processes die with their cell
# modes: both
# session: yes
tried()
report, reply = os.pipe()
for _ in range(3):
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            pass
        if os.fork():
            os._exit(0)
        os.close(report)
        time.sleep(60)
os.close(reply)
# %%
os.set_blocking(report, False)
try:
    time.sleep(0.2)
    if os.read(report, 1) != b"":
        escaped("a daemon lives")
except BlockingIOError:
    escaped("a daemon of the first cell lives")
