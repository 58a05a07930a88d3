// Small messages with file descriptors between the processes of a slot (SOCK_SEQPACKET: a message arrives whole).
#pragma once

#include <stddef.h>
#include <sys/types.h>

enum { SBX_MESSAGE_FDS = 8 };

int sbx_channel_pair(int fds[2]);
/// 0 or -errno (-EAGAIN when the other side does not read).
int sbx_channel_send(int channel, const void *bytes, size_t count, const int *fds, size_t fd_count);
/// The count of bytes (0: closed) or -errno. `fds` gets at most SBX_MESSAGE_FDS, close-on-exec; `fd_count` may be NULL:
/// then what comes is closed. `sender` is its process id as seen from here when the channel passes credentials, else 0.
ssize_t sbx_channel_receive(int channel, void *bytes, size_t count, int *fds, size_t *fd_count, pid_t *sender);
/// The same after waiting: -ETIMEDOUT when nothing came.
ssize_t sbx_channel_wait(int channel, int timeout_ms, void *bytes, size_t count, int *fds, size_t *fd_count);
/// Asks the kernel to attach the sender to each message that arrives on `channel`.
int sbx_channel_credentials(int channel);
/// Closes a descriptor that is open and marks it as not.
void sbx_close(int *fd);
