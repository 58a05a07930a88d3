# attacks: prctl: back to gaining privileges, another memory map, another's ptracer, speculation, kept capabilities
# stopped-by: system-call filter, no capability
# modes: both
# architecture: x86_64
# expect: ok, violation
# variants: no_new_privs_off 38 0 0 0 0; securebits 28 0x2f 0 0 0; keepcaps 8 1 0 0 0; set_mm 35 1 4096 0 0; set_endian 20 1 0 0 0
# variants: ambient_raise 47 2 21 0 0; set_ptracer 0x59616d61 -1 0 0 0; set_mm_exe 35 13 0 0 0; tsc 26 2 0 0 0; io_flusher 57 1 0 0 0
# variants: sched_core 62 1 1 1 0; syscall_dispatch 59 1 0 0 0; set_seccomp_strict 22 1 0 0 0
name, *arguments = facts["variant"].split()
tried()
answer = syscall(157, *[int(a, 0) for a in arguments])
if answer >= 0:
    escaped(f"prctl {name} answered {answer}")
