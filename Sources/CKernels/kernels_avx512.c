// The kernels for AVX-512: a tile of 12 rows and 32 columns takes 24 of the 32 registers.
#if defined(__x86_64__)
// Before the pragma, so that no function of the system's headers is compiled for this instruction set.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#define CK_TILE_ROWS 12
#define CK_TILE_LANES 2
#define CK_TABLE ck_table_avx512
#include "all_kernels.h"
#pragma clang attribute pop
#endif
