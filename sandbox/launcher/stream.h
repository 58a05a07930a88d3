// The pipes of a run, read and fed without waiting.
#pragma once

#include <stdbool.h>

#include "wire.h"

/// What a run writes to one of its outputs, up to a limit.
struct sbx_stream {
  int fd;
  uint8_t *bytes;
  size_t count, capacity, limit;
  bool truncated;
};

/// Takes what is there; at the end of the stream its descriptor is closed. Beyond the limit `truncated` is set and
/// the rest is thrown away.
void sbx_stream_read(struct sbx_stream *stream);
void sbx_stream_free(struct sbx_stream *stream);

/// What a run reads.
struct sbx_feed {
  int fd;
  struct sbx_span rest;
};

/// Writes what fits; closes the pipe at the end, or when nobody reads.
void sbx_feed_write(struct sbx_feed *feed);
