// libseccomp: compiles the sandbox's list of system calls into a filter, and names calls by number.
#include <seccomp.h>
