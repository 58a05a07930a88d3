// What went wrong, in words for the person who runs the server: the exact call and the system's reason.
#pragma once

struct sbx_failure {
  char text[512];
};

/// Notes "<text>: <reason of errno>" and returns -1; the text is printf's.
__attribute__((format(printf, 2, 3))) int sbx_fail(struct sbx_failure *failure, const char *format, ...);
/// The same without a reason.
__attribute__((format(printf, 2, 3))) int sbx_fail_plain(struct sbx_failure *failure, const char *format, ...);
