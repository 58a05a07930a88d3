#define _GNU_SOURCE
#include "limits.h"

#include <sys/resource.h>

static struct sbx_limit limit(int resource, uint64_t soft, uint64_t hard) {
  return (struct sbx_limit){(uint32_t)resource, soft, hard};
}

// With a control group the address space may be far larger than the memory: thread stacks and allocators reserve more
// than they touch. Without one it is the only limit, and the interpreter's own mappings have to fit below it too.
static uint64_t address_space(int64_t memory, bool counted) {
  const uint64_t reserve = counted ? (uint64_t)4 << 30 : (uint64_t)64 << 20;
  return (uint64_t)memory + reserve;
}

int sbx_limits_of(const struct sbx_request *request, int64_t work_bytes, bool counted, int64_t others,
                  struct sbx_limit limits[SBX_LIMITS_MAX]) {
  int count = 0;
  if (request->memory_bytes > 0) {
    uint64_t bytes = address_space(request->memory_bytes, counted);
    limits[count++] = limit(RLIMIT_AS, bytes, bytes);
  }
  if (request->cpu_ms > 0) {
    uint64_t seconds = (uint64_t)(request->cpu_ms + 999) / 1000;
    // SIGXCPU at the soft limit, SIGKILL a second later for those who catch it.
    limits[count++] = limit(RLIMIT_CPU, seconds, seconds + 1);
  }
  limits[count++] = limit(RLIMIT_FSIZE, (uint64_t)work_bytes, (uint64_t)work_bytes);
  limits[count++] = limit(RLIMIT_NOFILE, (uint64_t)request->open_files, (uint64_t)request->open_files);
  uint64_t processes = (uint64_t)(request->processes + others);
  if (others >= 0) limits[count++] = limit(RLIMIT_NPROC, processes, processes);
  return count;
}

int sbx_limits_set(const struct sbx_limit *limits, int count, struct sbx_failure *failure) {
  for (int i = 0; i < count; i++) {
    struct rlimit now, value = {limits[i].soft, limits[i].hard};
    int resource = (int)limits[i].resource;
    if (getrlimit(resource, &now) < 0) return sbx_fail(failure, "getrlimit %d", resource);
    // A limit that the server itself is under stays where it is.
    if (value.rlim_max > now.rlim_max) value.rlim_max = now.rlim_max;
    if (value.rlim_cur > value.rlim_max) value.rlim_cur = value.rlim_max;
    if (setrlimit(resource, &value) < 0) return sbx_fail(failure, "setrlimit %d", resource);
  }
  return 0;
}

int sbx_limits_set_fixed(struct sbx_failure *failure) {
  const struct sbx_limit fixed[] = {
    limit(RLIMIT_CORE, 0, 0), limit(RLIMIT_MEMLOCK, 64 << 10, 64 << 10), limit(RLIMIT_MSGQUEUE, 0, 0),
    limit(RLIMIT_STACK, 8 << 20, 64 << 20), limit(RLIMIT_SIGPENDING, 1024, 1024),
  };
  return sbx_limits_set(fixed, sizeof fixed / sizeof *fixed, failure);
}

int sbx_limits_lower_memory(pid_t pid, int64_t memory_bytes, struct sbx_failure *failure) {
  struct rlimit now;
  if (prlimit(pid, RLIMIT_AS, NULL, &now) < 0) return sbx_fail(failure, "prlimit of the session");
  rlim_t bytes = address_space(memory_bytes, false);
  if (now.rlim_max <= bytes) return 0;
  const struct rlimit lower = {bytes, bytes};
  return prlimit(pid, RLIMIT_AS, &lower, NULL) < 0 ? sbx_fail(failure, "prlimit of the session") : 0;
}
