# attacks: maps terabytes without touching them, to exhaust what the kernel promises
# stopped-by: address-space limit
# modes: both
# expect: ok
import mmap

tried()
kept = []
for size in (1 << 46, 1 << 43, 1 << 40):
    attempt(f"a mapping of {size >> 40} TiB", lambda: kept.append(mmap.mmap(-1, size)))
