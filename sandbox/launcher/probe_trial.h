// One layer of isolation, tried in a scratch process with a time limit.
#ifndef SBX_PROBE_TRIAL_H
#define SBX_PROBE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

struct sbx_trial {
  bool present;
  int level;           // Landlock's version (ABI)
  int64_t microseconds;
  char reason[256];  // of absence: the call that failed and how; of presence: a remark, or empty
};

// Tries the layer; true if it works. Runs in a process of its own, which may be left in any state. On failure it says
// why with sbx_trial_failed.
typedef bool (*sbx_trial_function)(struct sbx_trial *trial);

// Runs the function in a child for at most two seconds; a hang is absence too.
void sbx_trial_run(sbx_trial_function function, struct sbx_trial *trial);

// Writes "<call>: <error of errno>" as the reason. false, for `return`.
bool sbx_trial_failed(struct sbx_trial *trial, const char *call);

// Writes the text as the reason. false.
bool sbx_trial_refuted(struct sbx_trial *trial, const char *text);

// Forks a child that exits with what the function returns. Its exit status, 128 + signal, or -1 with errno.
int sbx_trial_in_child(int (*function)(void *), void *context);

#endif
