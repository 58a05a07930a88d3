# attacks: fills private and shared anonymous mappings
# stopped-by: memory limit
# modes: both
# expect: ok, memory_limit, error
# limits: wall 4, memory 64
import mmap

tried()
kept = []
for kind in (mmap.MAP_SHARED, mmap.MAP_PRIVATE):
    for _ in range(128):
        try:
            block = mmap.mmap(-1, 1 << 20, kind | mmap.MAP_ANONYMOUS)
        except OSError:
            break
        block[:] = b"x" * (1 << 20)
        kept.append(block)
if len(kept) > 128:
    escaped(f"{len(kept)} MiB with a limit of 64 MiB")
