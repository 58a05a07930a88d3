# attacks: system calls that change the machine, outlive the run or reach other processes
# stopped-by: system-call filter, before the kernel's own code
# modes: both
# architecture: x86_64
# expect: ok
# variants: kcmp 312 1 1 0 0 0; chroot 161 0; perf_event_open 298 0 0 -1 -1 0; io_uring_setup 425 8 0
# variants: io_uring_enter 426 0 0 0 0 0 0; io_uring_register 427 0 0 0 0; acct 163 0; syslog 103 10 0 0
# variants: quotactl 179 0 0 0 0; settimeofday 164 0 0; clock_settime 227 0 0; adjtimex 159 0; clock_adjtime 305 0 0
# variants: sethostname 170 0 0; setdomainname 171 0 0; modify_ldt 154 0 0 0; personality 135 0x0040000; vhangup 153
# variants: uselib 134 0; name_to_handle_at 303 -100 0 0 0 0; fanotify_init 300 0 0; fanotify_mark 301 0 1 1 0 0
# variants: move_pages 279 1 0 0 0 0 0; migrate_pages 256 1 0 0 0; process_madvise 440 0 0 0 0 0
# variants: shmget 29 0 4096 0o1666; msgget 68 0 0o1666; semget 64 0 1 0o1666; mq_open 240 0 0x42 0o666 0
# variants: memfd_secret 447 0; quotactl_fd 443 0 0 0 0; listmount 458 0 0 0 0; statmount 457 0 0 0 0
# variants: lsm_set_self_attr 460 100 0 0 0; mknod 133 0 0o60666 0x800; capset 126 0 0; sysfs 139 3
# variants: lookup_dcookie 212 0 0 0; ioprio_set 251 1 0 0x2000
name, number, *arguments = facts["variant"].split()
tried()
refused(name, int(number), *[int(a, 0) for a in arguments])
