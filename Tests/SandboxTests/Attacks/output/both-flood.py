# attacks: floods both outputs without a single newline
# stopped-by: output limit
# modes: both
# expect: output_limit
# limits: wall 4, output 64
tried()
while True:
    os.write(1, b"o" * 60000)
    os.write(2, b"e" * 60000)
