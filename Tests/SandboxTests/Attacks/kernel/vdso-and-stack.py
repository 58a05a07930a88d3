# attacks: looks for the sandbox's secrets in its own memory: arguments, environment, old stack
# stopped-by: the environment is clean before the interpreter starts
# modes: both
# expect: ok
import re

tried()
secret = facts["secret_half"].encode()
regions = [line for line in contents("/proc/self/maps").splitlines() if " rw" in line and "vvar" not in line]
for line in regions:
    start, end = (int(x, 16) for x in line.split()[0].split("-"))
    try:
        with open("/proc/self/mem", "rb", 0) as memory:
            memory.seek(start)
            data = memory.read(min(end - start, 64 << 20))
    except OSError:
        continue
    for found in re.finditer(re.escape(secret), data):
        whole = data[found.start() : found.start() + 2 * len(secret)]
        if whole[len(secret):] == secret[::-1]:
            escaped(f"the secret in {line}")
