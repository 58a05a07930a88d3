#define _GNU_SOURCE
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int sbx_channel_pair(int fds[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds);
}

int sbx_channel_credentials(int channel) {
  int on = 1;
  return setsockopt(channel, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
}

int sbx_channel_send(int channel, const void *bytes, size_t count, const int *fds, size_t fd_count) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * SBX_MESSAGE_FDS)];
  } control;
  struct iovec part = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd_count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
  }
  ssize_t sent;
  do sent = sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

static void take_fds(const struct cmsghdr *header, int *fds, size_t *fd_count) {
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
    if (fd_count && *fd_count < SBX_MESSAGE_FDS) {
      fds[(*fd_count)++] = fd;
    } else {
      close(fd);
    }
  }
}

ssize_t sbx_channel_receive(int channel, void *bytes, size_t count, int *fds, size_t *fd_count, pid_t *sender) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * SBX_MESSAGE_FDS) + CMSG_SPACE(sizeof(struct ucred))];
  } control;
  struct iovec part = {bytes, count};
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
  if (fd_count) *fd_count = 0;
  if (sender) *sender = 0;
  ssize_t received;
  do received = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_RIGHTS) take_fds(header, fds, fd_count);
    if (header->cmsg_type == SCM_CREDENTIALS && sender) {
      struct ucred credentials;
      memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
      *sender = credentials.pid;
    }
  }
  return received;
}

ssize_t sbx_channel_wait(int channel, int timeout_ms, void *bytes, size_t count, int *fds, size_t *fd_count) {
  struct pollfd wait = {channel, POLLIN, 0};
  int ready;
  do ready = poll(&wait, 1, timeout_ms);
  while (ready < 0 && errno == EINTR);
  if (ready == 0) return -ETIMEDOUT;
  return sbx_channel_receive(channel, bytes, count, fds, fd_count, NULL);
}

void sbx_close(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}
