// Which instruction sets this CPU can run, and their tables.
#include "table.h"

int ck_best_instruction_set(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return ck_portable;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw"))
    return ck_avx512;
  return ck_avx2;
#else
  return ck_portable;
#endif
}

const char *ck_instruction_set_name(int instruction_set) {
  switch (instruction_set) {
    case ck_avx512: return "avx512";
    case ck_avx2: return "avx2";
    default: return "portable";
  }
}

const ck_table *ck_table_for(int instruction_set) {
  switch (instruction_set) {
#if defined(__x86_64__)
    case ck_avx512: return &ck_table_avx512;
    case ck_avx2: return &ck_table_avx2;
#endif
    case ck_portable: return &ck_table_portable;
    default: return NULL;
  }
}
