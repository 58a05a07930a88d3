#define _GNU_SOURCE
#include "view.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "landlock.h"
#include "namespaces.h"

int sbx_view_run_id(const struct sbx_configuration *configuration) {
  if (configuration->namespaces) return SBX_RUN_ID;
  int slot = (int)configuration->slot;
  return sbx_namespaces_may_change_ids(slot) ? SBX_HOST_IDS + 2 * slot + 1 : -1;
}

int sbx_view_complete(struct sbx_configuration *configuration) {
  char home[PATH_MAX], temporary[PATH_MAX];
  bool full = configuration->namespaces;
  if (asprintf(&configuration->box, "%s/box", full ? "" : configuration->scratch) < 0) return -1;
  snprintf(home, sizeof home, "%s/work", configuration->box);
  snprintf(temporary, sizeof temporary, "%s/tmp", full ? "" : configuration->box);
  return sbx_list_set_variable(&configuration->environment, "HOME", home) < 0 ||
    sbx_list_set_variable(&configuration->environment, "TMPDIR", temporary) < 0 ? -1 : 0;
}

bool sbx_view_denies_signals(const struct sbx_configuration *configuration) { return !configuration->namespaces; }

int sbx_view_rules(const struct sbx_configuration *configuration, int *ruleset, struct sbx_failure *failure) {
  static const char *const everything[] = {"/"};
  static const char *const host_parts[] = {
    "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime",
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
  };
  // A rule on a mount point is not asked about what is mounted there, one on the directory above is: hence /box.
  const char *writable[] = {configuration->box, "/dev/null", "/dev/zero", "/dev/full"};
  const size_t writable_count = sizeof writable / sizeof *writable, parts = sizeof host_parts / sizeof *host_parts;
  *ruleset = -1;
  if (sbx_list_contains(&configuration->disabled, "landlock") || sbx_landlock_abi() == 0) return 0;
  if (configuration->namespaces) {
    *ruleset = sbx_landlock_prepare(everything, 1, writable, writable_count);
  } else {
    const char **readable = calloc(configuration->read_only.count + parts, sizeof *readable);
    if (!readable) return sbx_fail(failure, "allocate Landlock rules");
    size_t count = 0;
    for (size_t i = 0; i < parts; i++) readable[count++] = host_parts[i];
    for (size_t i = 0; i < configuration->read_only.count; i++) readable[count++] = configuration->read_only.items[i];
    *ruleset = sbx_landlock_prepare(readable, count, writable, writable_count);
    free(readable);
  }
  if (*ruleset >= 0) return 0;
  errno = -*ruleset;
  return sbx_fail(failure, "prepare Landlock rules");
}
