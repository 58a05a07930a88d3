#define _GNU_SOURCE
#include "protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { list_max = 4096, file_max = 65536 };

static const char *const out_of_memory = "out of memory";

bool sbx_list_contains(const struct sbx_list *list, const char *text) {
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->items[i], text) == 0) return true;
  }
  return false;
}

static const char *list_append(struct sbx_list *list, struct sbx_span text) {
  if (list->count >= list_max) return "a list has too many entries";
  // Grown by powers of two: the count tells when the capacity is used up.
  if ((list->count & (list->count + 1)) == 0) {
    char **items = realloc(list->items, (2 * list->count + 2) * sizeof *items);
    if (!items) return out_of_memory;
    list->items = items;
  }
  char *copy = sbx_span_string(text);
  if (!copy) return errno == EBADMSG ? "a string holds a NUL byte" : out_of_memory;
  list->items[list->count++] = copy;
  list->items[list->count] = NULL;
  return NULL;
}

int sbx_list_set_variable(struct sbx_list *list, const char *name, const char *value) {
  char *text;
  if (asprintf(&text, "%s=%s", name, value) < 0) return -1;
  size_t length = strlen(name) + 1;
  for (size_t i = 0; i < list->count; i++) {
    if (strncmp(list->items[i], text, length) != 0) continue;
    free(list->items[i]);
    list->items[i] = text;
    return 0;
  }
  const char *wrong = list_append(list, (struct sbx_span){(const uint8_t *)text, strlen(text)});
  free(text);
  return wrong ? -1 : 0;
}

static void list_free(struct sbx_list *list) {
  for (size_t i = 0; i < list->count; i++) free(list->items[i]);
  free(list->items);
  *list = (struct sbx_list){0};
}

static bool span_equals(struct sbx_span span, const char *text) {
  return span.count == strlen(text) && memcmp(span.bytes, text, span.count) == 0;
}

static const char *number(const struct sbx_field *field, int64_t *value) {
  if (!sbx_field_integer(field, value)) return "a number is not 8 bytes long";
  return *value < 0 ? "a number is negative" : NULL;
}

static const char *configuration_field(const struct sbx_field *field, struct sbx_configuration *configuration) {
  switch (field->tag) {
    case 1:
      configuration->namespaces = span_equals(field->value, "full");
      return configuration->namespaces || span_equals(field->value, "no-namespace") ? NULL : "unknown isolation";
    case 2: return list_append(&configuration->read_only, field->value);
    case 3: return list_append(&configuration->environment, field->value);
    case 4: return list_append(&configuration->zygote, field->value);
    case 5: return list_append(&configuration->extra_calls, field->value);
    case 6: return number(field, &configuration->work_bytes);
    case 7: return number(field, &configuration->work_inodes);
    case 8: return number(field, &configuration->slot);
    case 9:
      free(configuration->scratch);
      configuration->scratch = sbx_span_string(field->value);
      return configuration->scratch ? NULL : "the scratch directory is not a string";
    case 10: return number(field, &configuration->processes);
    case 11: return list_append(&configuration->disabled, field->value);
    default: return "CONFIGURE has a field of unknown tag";
  }
}

const char *sbx_configuration_parse(struct sbx_span fields, struct sbx_configuration *configuration) {
  *configuration = (struct sbx_configuration){.work_bytes = 64 << 20, .work_inodes = 4096, .processes = 64};
  struct sbx_field field;
  int more;
  while ((more = sbx_field_next(&fields, &field)) > 0) {
    const char *wrong = configuration_field(&field, configuration);
    if (wrong) return wrong;
  }
  if (more < 0) return "CONFIGURE is malformed";
  if (configuration->slot > 10000) return "the slot index is beyond 10000";
  if (!configuration->namespaces && !configuration->scratch) return "no-namespace isolation needs a scratch directory";
  return NULL;
}

static const char *file_append(struct sbx_request *request, const struct sbx_field *field) {
  if (request->file_count >= file_max) return "too many files";
  if ((request->file_count & (request->file_count + 1)) == 0) {
    struct sbx_file *files = realloc(request->files, (2 * request->file_count + 1) * sizeof *files);
    if (!files) return out_of_memory;
    request->files = files;
  }
  struct sbx_file *file = &request->files[request->file_count];
  if (!sbx_field_file(field, &file->name, &file->contents)) return "a file field is malformed";
  request->file_count++;
  return NULL;
}

static const char *request_field(const struct sbx_field *field, struct sbx_request *request) {
  int64_t fresh;
  const char *wrong;
  switch (field->tag) {
    case 1: return number(field, &request->id);
    case 2:
      request->zygote = span_equals(field->value, "zygote");
      return request->zygote || span_equals(field->value, "exec") ? NULL : "unknown way to run";
    case 3: return list_append(&request->arguments, field->value);
    case 4: request->code = field->value; return NULL;
    case 5: request->input = field->value; return NULL;
    case 6: return file_append(request, field);
    case 7: return list_append(&request->collect, field->value);
    case 8: return number(field, &request->wall_ms);
    case 9: return number(field, &request->cpu_ms);
    case 10: return number(field, &request->memory_bytes);
    case 11: return number(field, &request->output_bytes);
    case 12: return number(field, &request->processes);
    case 13: return number(field, &request->collected_bytes);
    case 14: return number(field, &request->open_files);
    case 15:
      wrong = number(field, &fresh);
      request->fresh = fresh != 0;
      return wrong;
    case 20: return number(field, &request->seed);
    default: return "the request has a field of unknown tag";
  }
}

const char *sbx_request_parse(struct sbx_span fields, bool cell, struct sbx_request *request) {
  *request = (struct sbx_request){
    .zygote = true, .fresh = !cell, .wall_ms = 5000, .output_bytes = 64 << 10, .collected_bytes = 1 << 20,
    .open_files = 256, .processes = 64, .seed = -1,
  };
  struct sbx_field field;
  int more;
  while ((more = sbx_field_next(&fields, &field)) > 0) {
    const char *wrong = request_field(&field, request);
    if (wrong) return wrong;
  }
  if (more < 0) return "the request is malformed";
  if (!request->zygote && request->arguments.count == 0) return "nothing to execute: argv is empty";
  // Beyond these, sums of limits could overflow and replies would not fit into a frame.
  if (request->wall_ms > 86400000 || request->cpu_ms > 86400000) return "a time limit is beyond one day";
  if (request->output_bytes > 32 << 20 || request->collected_bytes > 64 << 20) return "an output limit is too large";
  if (request->memory_bytes > (int64_t)1 << 40) return "the memory limit is beyond 1 TiB";
  return NULL;
}

void sbx_request_free(struct sbx_request *request) {
  list_free(&request->arguments);
  list_free(&request->collect);
  free(request->files);
  *request = (struct sbx_request){0};
}

const char *sbx_ids_parse(struct sbx_span fields, struct sbx_ids *ids) {
  *ids = (struct sbx_ids){.seed = -1};
  struct sbx_field field;
  int more;
  while ((more = sbx_field_next(&fields, &field)) > 0) {
    int64_t *value = field.tag == 1 ? &ids->first : field.tag == 2 ? &ids->second : field.tag == 20 ? &ids->seed : NULL;
    if (!value) return "the request has a field of unknown tag";
    if (!sbx_field_integer(&field, value)) return "an id is not 8 bytes long";
  }
  return more < 0 ? "the request is malformed" : NULL;
}
