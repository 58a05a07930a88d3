// The interpreter that is forked for each run: how the launcher starts it, and what init and it say to each other.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"
#include "failure.h"
#include "filter.h"
#include "limits.h"
#include "namespaces.h"
#include "protocol.h"

/// What starting a zygote takes; the same for each restart.
struct sbx_zygote_plan {
  const struct sbx_configuration *configuration;
  const struct sbx_cgroup *cgroup;
  const struct sbx_namespaces *namespaces;
  const struct sbx_filter *filter;
  int null;
};

struct sbx_zygote_process {
  pid_t pid;
  /// The side of its socket for init, and what it writes to standard error until it is ready.
  int channel, errors;
};

/// Started by the launcher, outside the slot's process ids: run code can neither see nor signal it, and killing all
/// processes of the slot spares it. Ready only when "R" arrives on the channel.
int sbx_zygote_start(const struct sbx_zygote_plan *plan, struct sbx_zygote_process *process,
                     struct sbx_failure *failure);

/// First bytes of the messages that init gets.
enum { SBX_ZYGOTE_LISTENER = 'L', SBX_ZYGOTE_READY = 'R', SBX_ZYGOTE_STARTED = 'S', SBX_ZYGOTE_ENDED = 'X',
       SBX_ZYGOTE_ERROR = 'E', SBX_ZYGOTE_UNPARKED = 'U', SBX_ZYGOTE_FAILED = '!' };

struct sbx_zygote_ended {
  char kind;
  int32_t status;
  int64_t user_us, system_us, peak_kib;
} __attribute__((packed));

/// Asks for a run ('F': stdin, stdout, stderr, program) or a session ('O': its socket). `seed` of its random numbers or
/// -1. 0 or -errno.
int sbx_zygote_request(int channel, char kind, int64_t seed, const struct sbx_limit *limits, int limit_count,
                       const int *fds, size_t fd_count);
/// The program as the zygote and sessions read it, in a memory file. The descriptor, or -errno.
int sbx_zygote_program(const struct sbx_request *request);
