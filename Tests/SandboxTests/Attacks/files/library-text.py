# attacks: writes into the shared text of the C library through its own memory and a shared mapping
# stopped-by: writing makes a private copy; shared mappings need write access
# modes: both
# expect: ok, error
import mmap

tried()
lines = [l for l in contents("/proc/self/maps").splitlines() if "libc" in l and " r-x" in l]
line = lines[0] if lines else "/lib/x86_64-linux-gnu/libc.so.6"
attempt("a shared mapping", lambda: mmap.mmap(os.open(line.split()[-1], os.O_RDWR), 4096))
attempt("write-protected sharing", lambda: mmap.mmap(
    os.open(line.split()[-1], os.O_RDONLY), 4096, mmap.MAP_SHARED, mmap.PROT_WRITE))
address = libc.getpriority
address = ctypes.cast(address, ctypes.c_void_p).value
try:
    with open("/proc/self/mem", "r+b", 0) as memory:
        memory.seek(address)
        memory.write(b"\xb8\x37\x13\x00\x00\xc3")
except OSError:
    pass
