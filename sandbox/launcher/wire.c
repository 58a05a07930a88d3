#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { header_size = 4, field_size = 5, read_size = 64 << 10, keep_size = 1 << 20 };

static uint32_t get32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put32(uint8_t *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

// Fields

int sbx_field_next(struct sbx_span *rest, struct sbx_field *field) {
  if (rest->count == 0) return 0;
  if (rest->count < field_size) return -EBADMSG;
  size_t count = get32(rest->bytes + 1);
  if (count > rest->count - field_size) return -EBADMSG;
  *field = (struct sbx_field){rest->bytes[0], {rest->bytes + field_size, count}};
  rest->bytes += field_size + count;
  rest->count -= field_size + count;
  return 1;
}

bool sbx_field_integer(const struct sbx_field *field, int64_t *value) {
  if (field->value.count != 8) return false;
  uint64_t low = get32(field->value.bytes), high = get32(field->value.bytes + 4);
  *value = (int64_t)(low | high << 32);
  return true;
}

bool sbx_field_file(const struct sbx_field *field, struct sbx_span *name, struct sbx_span *contents) {
  struct sbx_span all = field->value;
  if (all.count < 4) return false;
  size_t count = get32(all.bytes);
  if (count > all.count - 4) return false;
  *name = (struct sbx_span){all.bytes + 4, count};
  *contents = (struct sbx_span){all.bytes + 4 + count, all.count - 4 - count};
  return true;
}

char *sbx_span_string(struct sbx_span span) {
  if (span.count > 0 && memchr(span.bytes, 0, span.count)) {
    errno = EBADMSG;
    return NULL;
  }
  char *text = malloc(span.count + 1);
  if (!text) return NULL;
  if (span.count > 0) memcpy(text, span.bytes, span.count);
  text[span.count] = 0;
  return text;
}

// Reading

// One large request must not keep its memory for the life of the slot.
void sbx_inbox_trim(struct sbx_inbox *inbox) {
  if (inbox->capacity <= keep_size) return;
  free(inbox->bytes);
  *inbox = (struct sbx_inbox){0};
}

static bool inbox_reserve(struct sbx_inbox *inbox) {
  if (inbox->start == inbox->end) {
    inbox->start = inbox->end = 0;
    sbx_inbox_trim(inbox);
  }
  if (inbox->capacity - inbox->end >= read_size) return true;
  if (inbox->start > 0) {
    memmove(inbox->bytes, inbox->bytes + inbox->start, inbox->end - inbox->start);
    inbox->end -= inbox->start;
    inbox->start = 0;
    if (inbox->capacity - inbox->end >= read_size) return true;
  }
  size_t capacity = inbox->capacity * 2 + 2 * read_size;
  uint8_t *bytes = realloc(inbox->bytes, capacity);
  if (!bytes) return false;
  inbox->bytes = bytes;
  inbox->capacity = capacity;
  return true;
}

long sbx_inbox_fill(struct sbx_inbox *inbox, int fd) {
  if (!inbox_reserve(inbox)) return -ENOMEM;
  ssize_t count;
  do count = recv(fd, inbox->bytes + inbox->end, inbox->capacity - inbox->end, MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  inbox->end += (size_t)count;
  return count;
}

int sbx_inbox_next(struct sbx_inbox *inbox, struct sbx_span *frame) {
  size_t count = inbox->end - inbox->start;
  if (count < header_size) return 0;
  size_t length = get32(inbox->bytes + inbox->start);
  if (length == 0 || length > SBX_FRAME_MAX) return -EBADMSG;
  if (count - header_size < length) return 0;
  *frame = (struct sbx_span){inbox->bytes + inbox->start + header_size, length};
  inbox->start += header_size + length;
  return 1;
}

int sbx_inbox_hold(struct sbx_inbox *inbox, struct sbx_inbox *held) {
  struct sbx_inbox rest = *held;
  size_t count = inbox->end - inbox->start;
  rest.start = rest.end = 0;
  if (rest.capacity < count) {
    uint8_t *bytes = realloc(rest.bytes, count);
    if (!bytes) return -ENOMEM;
    rest.bytes = bytes;
    rest.capacity = count;
  }
  if (count > 0) memcpy(rest.bytes, inbox->bytes + inbox->start, count);
  rest.end = count;
  *held = *inbox;
  *inbox = rest;
  return 0;
}

// Writing

static uint8_t *frame_reserve(struct sbx_frame *frame, size_t count) {
  if (frame->failed) return NULL;
  if (count > SBX_FRAME_MAX || frame->count + count > SBX_FRAME_MAX + header_size) {
    frame->failed = true;
    return NULL;
  }
  if (frame->capacity - frame->count < count) {
    size_t capacity = frame->capacity * 2 + count + 4096;
    uint8_t *bytes = realloc(frame->bytes, capacity);
    if (!bytes) {
      frame->failed = true;
      return NULL;
    }
    frame->bytes = bytes;
    frame->capacity = capacity;
  }
  uint8_t *room = frame->bytes + frame->count;
  frame->count += count;
  return room;
}

static uint8_t *field_reserve(struct sbx_frame *frame, uint8_t tag, size_t count) {
  if (count > SBX_FRAME_MAX) {
    frame->failed = true;
    return NULL;
  }
  uint8_t *room = frame_reserve(frame, field_size + count);
  if (!room) return NULL;
  room[0] = tag;
  put32(room + 1, (uint32_t)count);
  return room + field_size;
}

void sbx_frame_begin(struct sbx_frame *frame, uint8_t kind) {
  if (frame->capacity > keep_size) {
    free(frame->bytes);
    frame->bytes = NULL;
    frame->capacity = 0;
  }
  frame->count = 0;
  frame->failed = false;
  uint8_t *room = frame_reserve(frame, header_size + 1);
  if (room) room[header_size] = kind;
}

void sbx_frame_bytes(struct sbx_frame *frame, uint8_t tag, const void *bytes, size_t count) {
  uint8_t *room = field_reserve(frame, tag, count);
  if (room && count > 0) memcpy(room, bytes, count);
}

void sbx_frame_text(struct sbx_frame *frame, uint8_t tag, const char *text) {
  sbx_frame_bytes(frame, tag, text, strlen(text));
}

void sbx_frame_integer(struct sbx_frame *frame, uint8_t tag, int64_t value) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
  sbx_frame_bytes(frame, tag, bytes, sizeof bytes);
}

uint8_t *sbx_frame_file(struct sbx_frame *frame, uint8_t tag, const char *name, size_t count) {
  size_t length = strlen(name);
  uint8_t *room = count > SBX_FRAME_MAX ? NULL : field_reserve(frame, tag, 4 + length + count);
  if (!room) return NULL;
  put32(room, (uint32_t)length);
  memcpy(room + 4, name, length);
  return room + 4 + length;
}

void sbx_frame_file_shrink(struct sbx_frame *frame, const char *name, size_t count, size_t real) {
  size_t length = strlen(name);
  uint8_t *field = frame->bytes + frame->count - count - length - 4 - field_size;
  put32(field + 1, (uint32_t)(4 + length + real));
  frame->count -= count - real;
}

int sbx_frame_send(struct sbx_frame *frame, int fd) {
  if (frame->failed) return -ENOMEM;
  put32(frame->bytes, (uint32_t)(frame->count - header_size));
  size_t sent = 0;
  while (sent < frame->count) {
    ssize_t count = send(fd, frame->bytes + sent, frame->count - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      sent += (size_t)count;
    } else if (errno == EAGAIN) {
      struct pollfd wait = {fd, POLLOUT, 0};
      if (poll(&wait, 1, -1) < 0 && errno != EINTR) return -errno;
    } else if (errno != EINTR) {
      return -errno;
    }
  }
  return 0;
}
