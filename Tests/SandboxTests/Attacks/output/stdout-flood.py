# attacks: writes to stdout without end
# stopped-by: output limit
# modes: both
# expect: output_limit
# limits: wall 4, output 64
tried()
while True:
    os.write(1, b"flood\n" * 10000)
