// The few calls for starting and talking to a process that Swift's Glibc module does not show (GNU extensions).
#pragma once

#include <sys/types.h>

/// Starts `arguments[0]` in a process group of its own, with default signals and exactly the files 0 to `count` - 1. A name
/// without a slash is looked up in PATH. `folder` is its working directory, NULL for ours.
///
/// `files[n]` becomes the child's file n; -1 is /dev/null. Descriptors of this process that are >= count and not listed
/// do not reach the child. Returns 0 or an errno value.
int acp_spawn(pid_t *id, char *const arguments[], char *const environment[], const int *files, int count,
              const char *folder);

/// A connected pair of stream sockets, closed on exec. 0 or an errno value.
int acp_socket_pair(int ends[2]);

/// A pipe, closed on exec. 0 or an errno value.
int acp_pipe(int ends[2], int nonblocking);

/// Makes reads and writes of a file return at once. 0 or an errno value.
int acp_set_nonblocking(int file);

/// Waits until a child has ended, for at most that long, and frees its entry. 1: it has ended; 0: not in time.
int acp_wait(pid_t id, int milliseconds);
