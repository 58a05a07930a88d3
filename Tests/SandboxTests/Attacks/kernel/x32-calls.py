# attacks: system calls with the x32 bit, which passes filters that compare numbers
# stopped-by: system-call filter checks the architecture first
# modes: both
# architecture: x86_64
# expect: violation, error, ok
# variants: getpid 39; mount 165; ptrace 521; socket 41; unshare 272; execve 520
name, number = facts["variant"].split()
tried()
refused(name, 0x40000000 | int(number), 0, 0, 0, 0, 0)
