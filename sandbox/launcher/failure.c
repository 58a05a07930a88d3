#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int sbx_fail(struct sbx_failure *failure, const char *format, ...) {
  const char *reason = strerror(errno);
  va_list arguments;
  va_start(arguments, format);
  int count = vsnprintf(failure->text, sizeof failure->text, format, arguments);
  va_end(arguments);
  if (count >= 0 && (size_t)count < sizeof failure->text) {
    snprintf(failure->text + count, sizeof failure->text - (size_t)count, ": %s", reason);
  }
  return -1;
}

int sbx_fail_plain(struct sbx_failure *failure, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure->text, sizeof failure->text, format, arguments);
  va_end(arguments);
  return -1;
}
