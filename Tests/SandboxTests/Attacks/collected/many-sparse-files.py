# attacks: hands over many files that are each just small enough
# stopped-by: limit on the sum of what is collected
# modes: both
# expect: ok, error
# collect: *.bin
# files: any
# limits: wall 3, collected 64
tried()
for number in range(500):
    with open(f"{number}.bin", "wb") as file:
        file.truncate(40000)
