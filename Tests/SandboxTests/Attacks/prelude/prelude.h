#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void tried(void) { (void)!write(1, "TRIED\n", 6); }
static void escaped(const char *what) { dprintf(1, "ESCAPED: %s\n", what); }
