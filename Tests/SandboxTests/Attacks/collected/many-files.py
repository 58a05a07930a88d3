# attacks: hands over thousands of files
# stopped-by: limit on the sum of what is collected, names included; inode limit
# modes: both
# expect: ok
# collect: *
# files: any
# limits: wall 4, collected 64
tried()
try:
    for number in range(3000):
        open(f"{'n' * 200}{number}", "w").close()
except OSError:
    pass
