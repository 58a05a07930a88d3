# attacks: system calls that are ways out of a sandbox, into the kernel or into other processes
# stopped-by: system-call filter; the first one ends the run and is named
# modes: both
# architecture: x86_64
# expect: violation
# violation: variant
# variants: ptrace 101 0 0 0 0; process_vm_readv 310 1 0 0 0 0 0; process_vm_writev 311 1 0 0 0 0 0
# variants: mount 165 0 0 0 0 0; umount2 166 0 2; pivot_root 155 0 0; open_tree 428 -100 0 1
# variants: move_mount 429 0 0 0 0 0; fsopen 430 0 0; fsconfig 431 0 0 0 0 0; fsmount 432 0 0 0; fspick 433 -100 0 0
# variants: mount_setattr 442 -100 0 0 0 0; unshare 272 0x10000000; setns 308 0 0; bpf 321 0 0 0; userfaultfd 323 1
# variants: add_key 248 0 0 0 0 -3; request_key 249 0 0 0 -3; keyctl 250 0 -3 0; init_module 175 0 0 0
# variants: finit_module 313 0 0 0; delete_module 176 0 0; kexec_load 246 0 0 0 0; kexec_file_load 320 0 0 0 0 0
# variants: reboot 169 0 0 0 0; swapon 167 0 0; swapoff 168 0; iopl 172 3; ioperm 173 0 1 1
# variants: open_by_handle_at 304 -100 0 0; pidfd_getfd 438 0 0 0
name, number, *arguments = facts["variant"].split()
tried()
refused(name, int(number), *[int(a, 0) for a in arguments])
