// The kernels in portable C: a tile of 4 rows and 16 columns, which suits 32 registers of 128 bits. Without a fused
// multiply-add in hardware every step is a call of fmaf: correct to the bit, and slow.
#define CK_TILE_ROWS 4
#define CK_TILE_LANES 1
#define CK_TABLE ck_table_portable
#include "all_kernels.h"
