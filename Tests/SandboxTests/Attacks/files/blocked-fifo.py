# attacks: waits for ever on a FIFO that nobody opens, and leaves it to be found
# stopped-by: wall limit
# modes: both
# expect: timeout
# limits: wall 0.6
# collect: fifo
tried()
os.mkfifo("fifo")
os.open("fifo", os.O_RDONLY)
