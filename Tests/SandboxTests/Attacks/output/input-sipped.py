# attacks: closes its input half way, while it is still being written
# stopped-by: a broken input pipe is no error
# modes: both
# expect: ok
# input-bytes: 8388608
tried()
os.read(0, 100000)
os.close(0)
time.sleep(0.1)
