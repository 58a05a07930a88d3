# attacks: writes a byte at a time, to keep the reader busy past every limit
# stopped-by: wall limit, output limit
# modes: both
# expect: timeout, output_limit
# limits: wall 0.6, output 64
tried()
while True:
    os.write(1, b".")
