# attacks: hands over a FIFO, on which a careless collector waits for ever
# stopped-by: only regular files are collected
# modes: both
# expect: ok
# collect: out.txt
# files: none
tried()
os.mkfifo("out.txt")
