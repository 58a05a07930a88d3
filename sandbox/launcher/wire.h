// The frames between the server and a slot: u32 length, then a kind byte, then fields {u8 tag, u32 length, bytes}.
// All integers are little endian; a field that holds a number holds 8 bytes, signed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// No frame is larger: what a caller may send (program, input, files) is far below.
#define SBX_FRAME_MAX ((size_t)192 << 20)

/// Bytes that somebody else owns.
struct sbx_span {
  const uint8_t *bytes;
  size_t count;
};

struct sbx_field {
  uint8_t tag;
  struct sbx_span value;
};

/// Takes the next field off `rest`. 1: a field; 0: the end; -EBADMSG: malformed.
int sbx_field_next(struct sbx_span *rest, struct sbx_field *field);
/// The number a field holds; false unless it is 8 bytes.
bool sbx_field_integer(const struct sbx_field *field, int64_t *value);
/// A field {u32 name length, name, contents}; false when the name reaches beyond the field.
bool sbx_field_file(const struct sbx_field *field, struct sbx_span *name, struct sbx_span *contents);
/// A copy that ends in NUL. NULL with errno EBADMSG when the bytes hold a NUL, with ENOMEM when memory is short.
char *sbx_span_string(struct sbx_span span);

/// What has been read from the stream and not been used yet. It grows with what arrives, not with what is announced.
struct sbx_inbox {
  uint8_t *bytes;
  size_t start, end, capacity;
};

/// Reads what is there. >0 bytes read; 0 end of stream; -EAGAIN; other -errno.
long sbx_inbox_fill(struct sbx_inbox *inbox, int fd);
/// The next whole frame without its length. 1: there is one, valid until the next fill; 0: not yet; -EBADMSG.
int sbx_inbox_next(struct sbx_inbox *inbox, struct sbx_span *frame);

/// Moves the buffer of the frame taken last into `held`, where it outlasts further reading; what came after the frame
/// stays in `inbox`. `held` gives its old buffer in exchange. 0 or -ENOMEM.
int sbx_inbox_hold(struct sbx_inbox *inbox, struct sbx_inbox *held);

/// Gives a large buffer back; what is in it is lost.
void sbx_inbox_trim(struct sbx_inbox *inbox);

/// A frame under construction. After a failed allocation `failed` stays set and the rest is ignored.
struct sbx_frame {
  uint8_t *bytes;
  size_t count, capacity;
  bool failed;
};

void sbx_frame_begin(struct sbx_frame *frame, uint8_t kind);
void sbx_frame_bytes(struct sbx_frame *frame, uint8_t tag, const void *bytes, size_t count);
void sbx_frame_text(struct sbx_frame *frame, uint8_t tag, const char *text);
void sbx_frame_integer(struct sbx_frame *frame, uint8_t tag, int64_t value);
/// A file field: room for `count` bytes of contents, to be filled by the caller. NULL when memory is short.
uint8_t *sbx_frame_file(struct sbx_frame *frame, uint8_t tag, const char *name, size_t count);
/// Shortens the file field begun last to the bytes that were really there.
void sbx_frame_file_shrink(struct sbx_frame *frame, const char *name, size_t count, size_t real);
/// Writes the whole frame, waiting for the reader where needed. 0 or -errno.
int sbx_frame_send(struct sbx_frame *frame, int fd);
