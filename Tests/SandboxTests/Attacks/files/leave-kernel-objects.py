# attacks: leaves objects that have no process and no file: System V memory, message queues, semaphores, keys
# stopped-by: system-call filter
# modes: both
# architecture: x86_64
# expect: ok, violation
# variants: memory 29 0x5EC 4096 0o1666; queue 68 0x5EC 0o1666; semaphore 64 0x5EC 1 0o1666
_, number, key, size, *flags = facts["variant"].split()
tried()
answer = syscall(int(number), int(key, 0), int(size, 0), *[int(f, 0) for f in flags], 0)
if answer >= 0:
    escaped(f"an object {answer} that outlives the run")
