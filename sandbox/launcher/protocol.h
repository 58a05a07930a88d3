// What the frames mean: kinds, tags, and the two requests that carry more than an id. README.md has the table.
#pragma once

#include "wire.h"

enum sbx_kind {
  SBX_CONFIGURE = 0x01, SBX_RUN = 0x02, SBX_OPEN = 0x03, SBX_CELL = 0x04,
  SBX_BRANCH = 0x05, SBX_CLOSE = 0x06, SBX_CANCEL = 0x07, SBX_RESET = 0x08,
  SBX_READY = 0x81, SBX_RESULT = 0x82, SBX_DONE = 0x83, SBX_FAULT = 0x84,
};

enum sbx_result_tag {
  SBX_TAG_ID = 1, SBX_TAG_OUTCOME, SBX_TAG_EXIT_CODE, SBX_TAG_SIGNAL, SBX_TAG_STDOUT, SBX_TAG_STDERR,
  SBX_TAG_STDOUT_TRUNCATED, SBX_TAG_STDERR_TRUNCATED, SBX_TAG_WALL, SBX_TAG_CPU, SBX_TAG_PEAK, SBX_TAG_REFUSED,
  SBX_TAG_FILE, SBX_TAG_FILE_ERROR, SBX_TAG_PREPARE, SBX_TAG_FORK, SBX_TAG_CLEAN, SBX_TAG_SESSION_LOST, SBX_TAG_ERROR,
};

/// A NULL-terminated list of strings of its own.
struct sbx_list {
  char **items;
  size_t count;
};

bool sbx_list_contains(const struct sbx_list *list, const char *text);

/// What a slot is made with.
struct sbx_configuration {
  bool namespaces;
  struct sbx_list read_only, environment, zygote, extra_calls, disabled;
  int64_t work_bytes, work_inodes, slot, processes;
  char *scratch;
  /// Where run code's "work", "tmp" and "shm" are: "/box", or below the scratch directory.
  char *box;
};

/// Replaces a variable of the environment, or adds it. 0 or -1.
int sbx_list_set_variable(struct sbx_list *list, const char *name, const char *value);

/// NULL when it was understood, else what was wrong (static text).
const char *sbx_configuration_parse(struct sbx_span fields, struct sbx_configuration *configuration);

/// A file to place: its name and contents lie in the frame.
struct sbx_file {
  struct sbx_span name, contents;
};

/// One run or cell. Spans point into the frame, which stays in the inbox until the request has been answered.
struct sbx_request {
  int64_t id;
  bool zygote, fresh;
  struct sbx_list arguments;
  struct sbx_span code, input;
  struct sbx_file *files;
  size_t file_count;
  struct sbx_list collect;
  int64_t wall_ms, cpu_ms, memory_bytes, output_bytes, processes, collected_bytes, open_files;
  /// Of the interpreter's random numbers; -1: others every time.
  int64_t seed;
};

const char *sbx_request_parse(struct sbx_span fields, bool cell, struct sbx_request *request);
void sbx_request_free(struct sbx_request *request);

/// What OPEN, CLOSE, CANCEL, RESET and BRANCH say.
struct sbx_ids {
  int64_t first, second;
  /// -1: none.
  int64_t seed;
};

const char *sbx_ids_parse(struct sbx_span fields, struct sbx_ids *ids);
