# attacks: sends every signal to pid 1, to its parent and to their process groups
# stopped-by: process namespace and another uid, or Landlock's signal scope
# modes: both
# expect: ok
tried()
for target in {1, os.getppid()} - {0}:
    for number in (1, 2, 3, 6, 9, 11, 15, 19, 64):
        attempt(f"signal {number} to {target}", lambda: os.kill(target, number))
        attempt(f"signal {number} to the group of {target}", lambda: os.killpg(target, number))
