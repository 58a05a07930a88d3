# attacks: system calls by the 32-bit gate, whose numbers mean something else to a filter
# stopped-by: system-call filter checks the architecture first
# modes: both
# architecture: x86_64
# expect: violation, error
# variants: getpid 20; socketcall 102; ptrace 26; mount 21; keyctl 288; unshare 310
import mmap

name, number = facts["variant"].split()
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\x53\xb8" + int(number).to_bytes(4, "little") + b"\x31\xdb\x31\xc9\x31\xd2\xcd\x80\x5b\xc3")
tried()
answer = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
if answer not in (-1, -38):
    escaped(f"{name} by int 0x80 answered {answer}")
os._exit(1)
