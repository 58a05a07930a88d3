// The one product kernel. A tile of CK_TILE_ROWS rows and CK_TILE_LANES · 16 columns stays in registers over all of k;
// each element is one chain of fused multiply-adds, k ascending, so tiling changes no bit.
#ifndef CK_PRODUCT_KERNEL_H
#define CK_PRODUCT_KERNEL_H

#include "lanes.h"
#include "table.h"

/// How far ahead of the present step a tile asks for its panel; panels follow each other in memory.
enum { CK_PREFETCH_BYTES = 2048 };

/// One tile; its sums begin at `start`, which lies like y, or at zero if that is null. X's element (r, i) is x[r * row_stride + i] if `rows_apart`, else x[r + i * k_stride].
/// All parameters but the pointers and strides are constants at every call.
CK_INLINE void tile(float *y, size_t y_stride, const float *x, size_t x_stride, const float *b, size_t b_stride,
                    size_t k, const float *start, const int rows, const int vectors, const int rows_apart) {
  lanes sum[CK_TILE_ROWS][CK_TILE_LANES];
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++)
      sum[r][v] = start ? lanes_load(start + r * y_stride + 16 * v) : lanes_splat(0.0f);
  for (size_t i = 0; i < k; i++) {
    const float *step = b + i * b_stride;
    lanes column[CK_TILE_LANES];
    for (int v = 0; v < vectors; v++) {
      column[v] = lanes_load(step + 16 * v);
      // A tile spends some twelve cycles on a step: the hardware's prefetcher stops at pages, this does not.
      __builtin_prefetch((const char *)(step + 16 * v) + CK_PREFETCH_BYTES);
    }
    for (int r = 0; r < rows; r++) {
      lanes element = lanes_splat(rows_apart ? x[r * x_stride + i] : x[i * x_stride + r]);
      for (int v = 0; v < vectors; v++) sum[r][v] = lanes_fma(element, column[v], sum[r][v]);
    }
  }
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++) lanes_store(y + r * y_stride + 16 * v, sum[r][v]);
}

typedef void tile_function(float *y, size_t y_stride, const float *x, size_t x_stride, const float *b,
                           size_t b_stride, size_t k, const float *start);

#define CK_TILE(rows)                                                                                              \
  static __attribute__((noinline)) void apart_##rows(float *y, size_t y_stride, const float *x, size_t x_stride,   \
                                                     const float *b, size_t b_stride, size_t k, const float *start) {  \
    tile(y, y_stride, x, x_stride, b, b_stride, k, start, rows, CK_TILE_LANES, 1);                            \
  }                                                                                                                \
  static __attribute__((noinline)) void adjacent_##rows(float *y, size_t y_stride, const float *x,                 \
                                                        size_t x_stride, const float *b, size_t b_stride, size_t k, \
                                                        const float *start) {                                          \
    tile(y, y_stride, x, x_stride, b, b_stride, k, start, rows, CK_TILE_LANES, 0);                            \
  }

CK_TILE(1)
CK_TILE(2)
CK_TILE(3)
CK_TILE(4)
#if CK_TILE_ROWS >= 6
CK_TILE(5)
CK_TILE(6)
#endif
#if CK_TILE_ROWS >= 12
CK_TILE(7)
CK_TILE(8)
CK_TILE(9)
CK_TILE(10)
CK_TILE(11)
CK_TILE(12)
#endif

static tile_function *const tiles_apart[] = {
    0, apart_1, apart_2, apart_3, apart_4,
#if CK_TILE_ROWS >= 6
    apart_5, apart_6,
#endif
#if CK_TILE_ROWS >= 12
    apart_7, apart_8, apart_9, apart_10, apart_11, apart_12,
#endif
};
static tile_function *const tiles_adjacent[] = {
    0, adjacent_1, adjacent_2, adjacent_3, adjacent_4,
#if CK_TILE_ROWS >= 6
    adjacent_5, adjacent_6,
#endif
#if CK_TILE_ROWS >= 12
    adjacent_7, adjacent_8, adjacent_9, adjacent_10, adjacent_11, adjacent_12,
#endif
};

/// One row against four whole panels at once: eight chains hide the latency of a fused multiply-add, and four
/// streams keep memory busy.
static void row_by_four_panels(float *y, const float *x, const float *b, size_t panel_stride, size_t b_stride, size_t k,
                               const float *start) {
  lanes sum[8];
  for (int v = 0; v < 8; v++) sum[v] = start ? lanes_load(start + 16 * v) : lanes_splat(0.0f);
  for (size_t i = 0; i < k; i++) {
    lanes element = lanes_splat(x[i]);
    for (int v = 0; v < 8; v++)
      sum[v] = lanes_fma(element, lanes_load(b + (v / 2) * panel_stride + i * b_stride + 16 * (v % 2)), sum[v]);
  }
  for (int v = 0; v < 8; v++) lanes_store(y + 16 * v, sum[v]);
}

/// A tile of which only `columns` exist in y.
static void edge_tile(tile_function *function, float *y, size_t y_stride, const float *x, size_t x_stride,
                      const float *b, size_t b_stride, size_t k, const float *start, size_t rows, size_t columns) {
  float whole[CK_TILE_ROWS * CK_TILE_LANES * 16];
  const size_t width = CK_TILE_LANES * 16;
  if (start) {
    memset(whole, 0, sizeof whole);
    for (size_t r = 0; r < rows; r++) memcpy(whole + r * width, start + r * y_stride, columns * sizeof(float));
  }
  function(whole, width, x, x_stride, b, b_stride, k, start ? whole : NULL);
  for (size_t r = 0; r < rows; r++) memcpy(y + r * y_stride, whole + r * width, columns * sizeof(float));
}

static void product(float *y, size_t y_stride, const float *x, size_t row_stride, size_t k_stride, size_t m,
                    const float *b, size_t panel_stride, size_t b_stride, size_t n, size_t k, const float *start) {
  const int rows_apart = k_stride == 1;
  const size_t x_stride = rows_apart ? row_stride : k_stride;
  const size_t x_row = rows_apart ? row_stride : 1;
  const size_t tile_columns = CK_TILE_LANES * 16;
  size_t column = 0;
  if (m == 1 && rows_apart)
    for (; column + 128 <= n; column += 128)
      row_by_four_panels(y + column, x, b + column / 32 * panel_stride, panel_stride, b_stride, k, start ? start + column : NULL);
  for (size_t row = 0; row < m; row += CK_TILE_ROWS) {
    size_t rows = ck_minimum(CK_TILE_ROWS, m - row);
    tile_function *function = (rows_apart ? tiles_apart : tiles_adjacent)[rows];
    for (size_t c = column; c < n; c += tile_columns) {
      const float *panel = b + c / 32 * panel_stride + c % 32;
      float *target = y + row * y_stride + c;
      const float *from = start ? start + row * y_stride + c : NULL;
      if (n - c >= tile_columns)
        function(target, y_stride, x + row * x_row, x_stride, panel, b_stride, k, from);
      else
        edge_tile(function, target, y_stride, x + row * x_row, x_stride, panel, b_stride, k, from, rows, n - c);
    }
  }
}

/// Transposes 16 source columns of 16 consecutive k into packed[i][16 lanes].
CK_INLINE void pack_square(float *packed, const float *source, size_t column_stride) {
  lanes a[16], t[16];
  for (int c = 0; c < 16; c++) a[c] = lanes_load(source + c * column_stride);
#define CK_LOW(x, y)                                                                                              \
  __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define CK_HIGH(x, y)                                                                                             \
  __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
  // Four perfect shuffles of rows c and c + 8 transpose a 16 x 16 square.
  for (int step = 0; step < 4; step++) {
    for (int c = 0; c < 8; c++) {
      t[2 * c] = CK_LOW(a[c], a[c + 8]);
      t[2 * c + 1] = CK_HIGH(a[c], a[c + 8]);
    }
    for (int c = 0; c < 16; c++) a[c] = t[c];
  }
#undef CK_LOW
#undef CK_HIGH
  for (int i = 0; i < 16; i++) lanes_store(packed + i * 32, a[i]);
}

/// Lanes [lane, lane + count) of one panel, from source columns that lie k_stride 1 apart in k.
static void pack_lanes_transposed(float *panel, size_t lane, size_t count, const float *source, size_t column_stride,
                                  size_t k) {
  size_t done = 0;
  for (; done + 16 <= count; done += 16) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16)
      pack_square(panel + i * 32 + lane + done, source + done * column_stride + i, column_stride);
    for (; i < k; i++)
      for (size_t c = done; c < done + 16; c++) panel[i * 32 + lane + c] = source[c * column_stride + i];
  }
  for (size_t i = 0; i < k; i++)
    for (size_t c = done; c < count; c++) panel[i * 32 + lane + c] = source[c * column_stride + i];
}

static void pack(float *packed, size_t first, const float *source, size_t column_stride, size_t k_stride, size_t n,
                 size_t k, size_t first_panel, size_t last_panel) {
  const size_t end = first + n;
  for (size_t p = first_panel; p < last_panel; p++) {
    float *panel = packed + p * 32 * k;
    const size_t begin = p * 32 < first ? first : p * 32, stop = ck_minimum(end, p * 32 + 32);
    const size_t lane = begin - p * 32, count = stop - begin;
    const float *from = source + (begin - first) * column_stride;
    if (k_stride == 1)
      pack_lanes_transposed(panel, lane, count, from, column_stride, k);
    else if (count == 32)
      for (size_t i = 0; i < k; i++) {
        lanes_store(panel + i * 32, lanes_load(from + i * k_stride));
        lanes_store(panel + i * 32 + 16, lanes_load(from + i * k_stride + 16));
      }
    else
      for (size_t i = 0; i < k; i++) memcpy(panel + i * 32 + lane, from + i * k_stride, count * sizeof(float));
    if (stop == end && stop < p * 32 + 32)
      for (size_t i = 0; i < k; i++) memset(panel + i * 32 + lane + count, 0, (32 - lane - count) * sizeof(float));
  }
}

#endif
