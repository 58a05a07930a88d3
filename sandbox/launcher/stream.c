#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel.h"

enum { first_capacity = 4096 };

static bool grow(struct sbx_stream *stream) {
  if (stream->count < stream->capacity) return true;
  size_t capacity = stream->capacity ? stream->capacity * 4 : first_capacity;
  if (capacity > stream->limit) capacity = stream->limit;
  uint8_t *bytes = realloc(stream->bytes, capacity);
  if (!bytes) return false;
  stream->bytes = bytes;
  stream->capacity = capacity;
  return true;
}

void sbx_stream_read(struct sbx_stream *stream) {
  char rubbish[4096];
  // A writer that is faster than we are must not keep us here: what it writes later is read at the next turn.
  for (int turn = 0; turn < 64 && stream->fd >= 0; turn++) {
    bool full = stream->count >= stream->limit || !grow(stream);
    void *room = full ? (void *)rubbish : stream->bytes + stream->count;
    ssize_t count = read(stream->fd, room, full ? sizeof rubbish : stream->capacity - stream->count);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return sbx_close(&stream->fd);
    if (full) {
      stream->truncated = true;
    } else {
      stream->count += (size_t)count;
    }
  }
}

void sbx_stream_free(struct sbx_stream *stream) {
  sbx_close(&stream->fd);
  free(stream->bytes);
  stream->bytes = NULL;
}

void sbx_feed_write(struct sbx_feed *feed) {
  while (feed->rest.count > 0) {
    ssize_t count = write(feed->fd, feed->rest.bytes, feed->rest.count);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) break;
    feed->rest.bytes += count;
    feed->rest.count -= (size_t)count;
  }
  sbx_close(&feed->fd);
}
