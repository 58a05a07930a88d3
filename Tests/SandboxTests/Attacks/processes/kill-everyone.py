# attacks: sends SIGKILL to every process it may signal
# stopped-by: process namespace, or Landlock's signal scope and an own uid
# modes: both
# expect: ok, error
tried()
try:
    os.kill(-1, 9)
except OSError:
    pass
time.sleep(0.1)
