#define _GNU_SOURCE
#include "filter_calls.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

// Names that an architecture lacks (aarch64 has no open, fork, poll, ...) are left out when the filter is built.
const char *const sbx_allowed_calls[] = {
    // Files: what may be reached is for the mount namespace and Landlock to decide.
    "access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
    "faccessat", "faccessat2", "fadvise64", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown",
    "fchownat", "fdatasync", "fgetxattr", "flistxattr", "flock", "fstat", "fstatfs", "fsync", "ftruncate", "futimesat",
    "getcwd", "getdents", "getdents64", "getxattr", "lchown", "lgetxattr", "link", "linkat", "listxattr", "llistxattr",
    "lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat", "openat2", "pipe", "pipe2", "pread64",
    "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv",
    "rename", "renameat", "renameat2", "rmdir", "sendfile", "splice", "stat", "statfs", "statx", "symlink", "symlinkat",
    "sync_file_range", "tee", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "write",
    "writev",
    // Waiting.
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
    "eventfd", "eventfd2", "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "pause", "poll",
    "ppoll", "pselect6", "select", "signalfd", "signalfd4", "timerfd_create", "timerfd_gettime", "timerfd_settime",
    // Memory.
    "brk", "madvise", "membarrier", "mincore", "mlock", "mlock2", "mlockall", "mmap", "mprotect", "mremap", "mseal",
    "msync", "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
    // Processes and threads. fork is here; clone and prctl are checked below.
    "arch_prctl", "capget", "execve", "execveat", "exit", "exit_group", "fork", "futex", "futex_requeue", "futex_wait",
    "futex_waitv", "futex_wake", "get_robust_list", "getcpu", "getegid", "geteuid", "getgid", "getgroups", "getpgid",
    "getpgrp", "getpid", "getppid", "getpriority", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid",
    "gettid", "getuid", "ioprio_get", "pidfd_open", "restart_syscall", "riscv_flush_icache", "rseq",
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam",
    "sched_getscheduler", "sched_rr_get_interval", "sched_yield", "set_robust_list", "set_tid_address", "setpgid",
    "setrlimit", "setsid", "sysinfo", "times", "uname", "vfork", "wait4", "waitid",
    // Signals to oneself; the others are in sbx_signal_calls.
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "sigaltstack",
    // Time and chance.
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "getrandom", "gettimeofday", "nanosleep",
    "setitimer", "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
    // On sockets that one has; making them is checked below.
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
    "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", NULL,
};

const char *const sbx_signal_calls[] = {
    "kill", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tgkill", "tkill", NULL,
};

// Ways out of a sandbox, into the kernel or into other processes. A language's library never tries them by itself.
const char *const sbx_fatal_calls[] = {
    "add_key", "bpf", "delete_module", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "init_module",
    "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl", "mount", "mount_setattr", "move_mount",
    "open_by_handle_at", "open_tree", "open_tree_attr", "pidfd_getfd", "pivot_root", "process_vm_readv",
    "process_vm_writev", "ptrace", "reboot", "request_key", "setns", "swapoff", "swapon", "umount", "umount2",
    "unshare", "userfaultfd", NULL,
};

const struct sbx_silent_call sbx_silent_calls[] = {
    // ENOSYS: the C library and others take an older call instead. clone3's flags lie in memory, out of a filter's
    // sight, and EPERM would break pthread_create.
    {"clone3", ENOSYS}, {"io_uring_enter", ENOSYS}, {"io_uring_register", ENOSYS}, {"io_uring_setup", ENOSYS},
    {"landlock_add_rule", ENOSYS}, {"landlock_create_ruleset", ENOSYS}, {"landlock_restrict_self", ENOSYS},
    // Memory that no limit on the address space or on the work directory counts, and code that Landlock cannot see.
    {"memfd_create", ENOSYS}, {"memfd_secret", ENOSYS}, {"vmsplice", ENOSYS},
    {"cachestat", ENOSYS}, {"getxattrat", ENOSYS}, {"listmount", ENOSYS}, {"listxattrat", ENOSYS},
    {"map_shadow_stack", ENOSYS}, {"removexattrat", ENOSYS}, {"setxattrat", ENOSYS}, {"statmount", ENOSYS},
    // A program that would confine itself (file, man) goes on without.
    {"seccomp", EINVAL},
    // NUMA placement (OpenBLAS, OpenMP, JVMs) and priorities.
    {"get_mempolicy", ENOSYS}, {"mbind", ENOSYS}, {"set_mempolicy", ENOSYS},
    {"set_mempolicy_home_node", ENOSYS}, {"ioprio_set", EPERM}, {"sched_setaffinity", EPERM}, {"sched_setattr", EPERM},
    {"sched_setparam", EPERM}, {"sched_setscheduler", EPERM},
    // Copying with attributes (cp -a, tar, shutil.copystat).
    {"fremovexattr", EOPNOTSUPP}, {"fsetxattr", EOPNOTSUPP}, {"lremovexattr", EOPNOTSUPP}, {"lsetxattr", EOPNOTSUPP},
    {"removexattr", EOPNOTSUPP}, {"setxattr", EOPNOTSUPP},
    // They would write out the host's file systems.
    {"sync", 0}, {"syncfs", 0}, {NULL, 0},
};

// `int` arguments are compared in their lower half only, as the kernel reads them: a comparison of all 64 bits would be
// passed by a value with rubbish above (CVE-2019-10063).
#define WORD 0xffffffffu
#define ALLOW_IOCTL(request) {"ioctl", {1, WORD, (request)}, {0}}
#define ALLOW_FCNTL(command) {"fcntl", {1, WORD, (command)}, {0}}
#define ALLOW_PRCTL(option) {"prctl", {0, WORD, (option)}, {0}}
#define ALLOW_NODE(type) {"mknod", {1, S_IFMT, (type)}, {0}}, {"mknodat", {2, S_IFMT, (type)}, {0}}

// Newer than Debian 12's headers.
#ifndef F_CREATED_QUERY
#define F_CREATED_QUERY (1024 + 4)
#endif
#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY (1024 + 3)
#endif

const struct sbx_checked_call sbx_checked_calls[] = {
    // Terminals as programs ask about them (isatty, getpass, job control); not TIOCSTI and TIOCLINUX, which type.
    ALLOW_IOCTL(TCGETS), ALLOW_IOCTL(TCSETS), ALLOW_IOCTL(TCSETSW), ALLOW_IOCTL(TCSETSF), ALLOW_IOCTL(TCGETA),
    ALLOW_IOCTL(TIOCGWINSZ), ALLOW_IOCTL(TIOCGPGRP), ALLOW_IOCTL(TIOCSPGRP), ALLOW_IOCTL(TIOCGSID),
    ALLOW_IOCTL(TIOCOUTQ), ALLOW_IOCTL(FIONREAD), ALLOW_IOCTL(FIONBIO), ALLOW_IOCTL(FIOASYNC), ALLOW_IOCTL(FIOCLEX),
    ALLOW_IOCTL(FIONCLEX), ALLOW_IOCTL(FIOQSIZE),
#ifdef TCGETS2
    ALLOW_IOCTL(TCGETS2), ALLOW_IOCTL(TCSETS2), ALLOW_IOCTL(TCSETSW2), ALLOW_IOCTL(TCSETSF2),
#endif
    // cp and its kin ask for a copy by reference, lsattr for flags.
    ALLOW_IOCTL(FICLONE), ALLOW_IOCTL(FICLONERANGE), ALLOW_IOCTL(FS_IOC_GETFLAGS),
    // Not F_SETOWN and F_SETSIG, which have the kernel send any signal to any process, F_SETLEASE and F_NOTIFY.
    ALLOW_FCNTL(F_DUPFD), ALLOW_FCNTL(F_DUPFD_CLOEXEC), ALLOW_FCNTL(F_GETFD), ALLOW_FCNTL(F_SETFD),
    ALLOW_FCNTL(F_GETFL), ALLOW_FCNTL(F_SETFL), ALLOW_FCNTL(F_GETLK), ALLOW_FCNTL(F_SETLK), ALLOW_FCNTL(F_SETLKW),
    ALLOW_FCNTL(F_OFD_GETLK), ALLOW_FCNTL(F_OFD_SETLK), ALLOW_FCNTL(F_OFD_SETLKW), ALLOW_FCNTL(F_GETPIPE_SZ),
    ALLOW_FCNTL(F_SETPIPE_SZ), ALLOW_FCNTL(F_GETOWN), ALLOW_FCNTL(F_GETSIG), ALLOW_FCNTL(F_GETLEASE),
    ALLOW_FCNTL(F_GET_SEALS), ALLOW_FCNTL(F_ADD_SEALS), ALLOW_FCNTL(F_GET_RW_HINT), ALLOW_FCNTL(F_SET_RW_HINT),
    ALLOW_FCNTL(F_GET_FILE_RW_HINT), ALLOW_FCNTL(F_SET_FILE_RW_HINT), ALLOW_FCNTL(F_DUPFD_QUERY),
    ALLOW_FCNTL(F_CREATED_QUERY),
    // Names, harmless switches of one's own process, and questions.
    ALLOW_PRCTL(PR_SET_NAME), ALLOW_PRCTL(PR_GET_NAME), ALLOW_PRCTL(PR_GET_DUMPABLE), ALLOW_PRCTL(PR_SET_DUMPABLE),
    ALLOW_PRCTL(PR_SET_PDEATHSIG), ALLOW_PRCTL(PR_GET_PDEATHSIG), ALLOW_PRCTL(PR_CAPBSET_READ),
    ALLOW_PRCTL(PR_GET_KEEPCAPS), ALLOW_PRCTL(PR_GET_NO_NEW_PRIVS), ALLOW_PRCTL(PR_SET_NO_NEW_PRIVS),
    ALLOW_PRCTL(PR_GET_SECCOMP), ALLOW_PRCTL(PR_GET_SECUREBITS), ALLOW_PRCTL(PR_GET_TIMERSLACK),
    ALLOW_PRCTL(PR_SET_TIMERSLACK), ALLOW_PRCTL(PR_GET_CHILD_SUBREAPER), ALLOW_PRCTL(PR_SET_VMA),
    ALLOW_PRCTL(PR_SET_THP_DISABLE), ALLOW_PRCTL(PR_GET_THP_DISABLE),
    // One's own limits, which a process may only lower; those of others by pid not.
    {"prlimit64", {0, WORD, 0}, {0}},
    // One's own priority.
    {"setpriority", {0, WORD, PRIO_PROCESS}, {1, WORD, 0}},
    // Room beyond the end of a file (FALLOC_FL_KEEP_SIZE) is not bound by RLIMIT_FSIZE.
    {"fallocate", {1, WORD, 0}, {0}},
    // Asking, not changing.
    {"personality", {0, WORD, 0xffffffff}, {0}},
    ALLOW_NODE(0), ALLOW_NODE(S_IFREG), ALLOW_NODE(S_IFIFO), ALLOW_NODE(S_IFSOCK),
    {NULL, {0}, {0}},
};

const uint64_t sbx_clone_refused_flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                         CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_PARENT;

int sbx_call_number(const char *name) {
  int number = seccomp_syscall_resolve_name(name);
  return number >= 0 ? number : -1;
}
