// Sessions: processes that live from cell to cell, stopped in between, each with a work directory of its own.
#pragma once

#include "execution.h"

enum { SBX_SESSIONS_MAX = 64 };

struct sbx_session {
  int64_t id;
  pid_t pid;
  int channel;
  struct sbx_workspace workspace;
  uint32_t cell;
};

/// First bytes of a session's messages.
enum { SBX_SESSION_STARTED = 'S', SBX_SESSION_DONE = 'D', SBX_SESSION_BRANCHED = 'B' };

/// What a session says when a cell is done. It is untrusted: the number has to be that of the cell that is on.
struct sbx_session_done {
  char kind;
  uint32_t cell;
  int32_t exit_code;
  uint8_t flags;
} __attribute__((packed));
enum { SBX_SESSION_EXHAUSTED = 1, SBX_SESSION_ENDS = 2 };

/// NULL when there is none.
struct sbx_session *sbx_session_find(struct sbx_init *init, int64_t id);
int sbx_session_count(const struct sbx_init *init);
/// `seed` of its random numbers; -1: others every time.
int sbx_session_open(struct sbx_init *init, int64_t id, int64_t seed, struct sbx_failure *failure);
int sbx_session_branch(struct sbx_init *init, int64_t source, int64_t id, struct sbx_failure *failure);
/// Kills it and frees its work directory. The slot then holds what the other branches hold.
void sbx_session_close(struct sbx_init *init, struct sbx_session *session);
/// Brings its work directory to /box and lets it go on.
int sbx_session_resume(struct sbx_init *init, struct sbx_session *session, struct sbx_failure *failure);
/// Stops it and kills whatever else its cell left behind. False when that did not succeed.
bool sbx_session_pause(struct sbx_init *init, struct sbx_session *session, struct sbx_burial *burial);
