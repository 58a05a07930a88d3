# attacks: fills the heap
# stopped-by: memory limit
# modes: both
# expect: memory_limit, error
# limits: wall 4, memory 64
tried()
kept = []
for _ in range(256):
    kept.append(b"x" * (1 << 20))
escaped("256 MiB with a limit of 64 MiB")
