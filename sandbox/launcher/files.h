// Files that go into a work directory before a run and come out after it. The directory belongs to untrusted code:
// nothing is followed, nothing is waited for, everything is counted.
#pragma once

#include <sys/types.h>

#include "protocol.h"
#include "failure.h"

/// Writes the request's files below `dir` for `owner`. Names are relative, without "..", with "/" between directories.
int sbx_files_place(int dir, const struct sbx_request *request, uid_t owner, struct sbx_failure *failure);
/// Adds the wanted files (paths or globs) to the frame, or a line that says why one is missing.
void sbx_files_collect(int dir, const struct sbx_request *request, struct sbx_frame *frame);
/// Copies a whole tree: directories, regular files and links; everything else is left out.
int sbx_files_copy(int from, int to, struct sbx_failure *failure);
bool sbx_files_is_empty(int dir);
/// Adds up what a tree holds, in bytes of blocks and in entries; stops once `entries` is beyond `enough`.
void sbx_files_usage(int dir, int64_t enough, int64_t *bytes, int64_t *entries);
/// Removes a whole tree, however deep.
void sbx_files_remove(const char *path);
