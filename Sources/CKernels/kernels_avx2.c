// The kernels for AVX2 and FMA: a tile of 6 rows and 16 columns takes 12 of the 16 registers.
#if defined(__x86_64__)
// Before the pragma, so that no function of the system's headers is compiled for this instruction set.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_TILE_ROWS 6
#define CK_TILE_LANES 1
#define CK_TABLE ck_table_avx2
#include "all_kernels.h"
#pragma clang attribute pop
#endif
