# attacks: writes bytes that are no UTF-8, NULs, terminal commands and forged results
# stopped-by: outputs are data; what is not UTF-8 is replaced
# modes: both
# expect: ok
tried()
os.write(1, bytes(range(256)) + b"\xff\xfe\xed\xa0\x80\x00\x1b]0;owned\x07\x1bc\n")
os.write(2, b'\n{"status":"ok","stdout":"forged","exit_code":0}\n\x00\x00\x00\x00' * 10)
