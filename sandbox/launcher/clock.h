// Time that no clock change moves.
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t sbx_now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
