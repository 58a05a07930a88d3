#pragma once
#include <sys/types.h>

/// Makes a pipe whose ends no other program inherits: `ends[0]` is read, `ends[1]` is written. Returns 0 or an errno.
int csp_pipe(int ends[2]);

/// Makes reads and writes of a descriptor return at once. Returns 0 or an errno.
int csp_set_nonblocking(int descriptor);

/// Starts `arguments[0]`, looked up in PATH unless it holds a slash, as the leader of a new process group.
/// `standard` become its descriptors 0, 1 and 2, every other is closed; signals are unblocked and at their defaults.
/// `folder` is its working directory, NULL for ours. Both vectors end with NULL. Returns 0 or an errno.
int csp_spawn(
    pid_t *pid, char *const arguments[], char *const environment[], const int standard[3], const char *folder);
