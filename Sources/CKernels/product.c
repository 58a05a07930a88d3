// Packing and the matrix product, cut into pieces for the threads and blocks for the caches.
//
// A piece is a group of panels times a range of rows. Inside, k goes in blocks, so that a block of X's rows stays in
// the first-level cache and the group's panels in the second; the chain of a sum continues through memory from block
// to block, which changes no bit.
#include <string.h>

#include "pool.h"

enum {
  depth_limit = 768,     // k steps of a block
  group_panels = 16,     // panels of a group: 16 · 768 · 128 bytes = 1.5 MB
  piece_rows = 192,      // rows of a piece, a multiple of every tile height
  gather_rows = 12,      // rows copied together when X lies transposed
  narrow_floats = 16384  // least floats of weights that a piece of a narrow product reads
};

size_t ck_packed_count(size_t n, size_t k) { return ck_round_up(n, ck_panel_width) * k; }

typedef struct {
  ck_pool *pool;
  float *packed;
  const float *source;
  size_t first, column_stride, k_stride, n, k, first_panel, panels, pieces;
} pack_job;

static void pack_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const pack_job *job = context;
  ck_pool_table(job->pool)
      ->pack(job->packed, job->first, job->source, job->column_stride, job->k_stride, job->n, job->k,
             job->first_panel + ck_piece_start(job->panels, job->pieces, index),
             job->first_panel + ck_piece_start(job->panels, job->pieces, index + 1));
}

void ck_pack(ck_pool *pool, float *packed, size_t first_column, const float *source, size_t column_stride,
             size_t k_stride, size_t n, size_t k) {
  if (n == 0 || k == 0) return;
  const size_t first_panel = first_column / 32, panels = (first_column + n - 1) / 32 + 1 - first_panel;
  pack_job job = {pool, packed, source, first_column, column_stride, k_stride, n, k, first_panel, panels,
                  ck_pool_pieces(pool, panels, 1)};
  ck_pool_run(pool, job.pieces, pack_piece, &job);
}

typedef struct {
  ck_pool *pool;
  float *y;
  const float *x, *packed, *start;
  size_t y_stride, row_stride, k_stride, m, n, k, groups, panels, row_pieces;
} product_job;

/// Where the sums at (row, column) stand before a block of k: the caller's start, then what the last block left in y.
static const float *sums_before(const product_job *job, size_t row, size_t column, size_t block) {
  const float *base = block > 0 ? job->y : job->start;
  return base ? base + row * job->y_stride + column : NULL;
}

/// Rows [first, last) against panels of columns [column, end), X read in place.
static void product_in_place(const product_job *job, size_t first, size_t last, size_t column, size_t end) {
  const ck_table *table = ck_pool_table(job->pool);
  const size_t blocks = (job->k + depth_limit - 1) / depth_limit;
  for (size_t block = 0; block < blocks; block++) {
    const size_t from = job->k * block / blocks, depth = job->k * (block + 1) / blocks - from;
    table->product(job->y + first * job->y_stride + column, job->y_stride,
                   job->x + first * job->row_stride + from * job->k_stride, job->row_stride, job->k_stride,
                   last - first, job->packed + column * job->k + from * 32, 32 * job->k, 32, end - column, depth,
                   sums_before(job, first, column, block));
  }
}

/// copy[i][r] = x[i * stride + r].
static void copy_side_by_side(float *copy, const float *x, size_t stride, size_t rows, size_t depth) {
  if (rows == gather_rows)  // a constant size is a few moves, not a call
    for (size_t i = 0; i < depth; i++) memcpy(copy + i * gather_rows, x + i * stride, gather_rows * sizeof(float));
  else
    for (size_t i = 0; i < depth; i++) memcpy(copy + i * gather_rows, x + i * stride, rows * sizeof(float));
}

/// The same where X lies transposed (row_stride 1): twelve rows at a time are copied side by side first.
static void product_gathered(const product_job *job, size_t first, size_t last, size_t column, size_t end) {
  const ck_table *table = ck_pool_table(job->pool);
  float rows_copy[depth_limit * gather_rows];
  const size_t blocks = (job->k + depth_limit - 1) / depth_limit;
  for (size_t block = 0; block < blocks; block++) {
    const size_t from = job->k * block / blocks, depth = job->k * (block + 1) / blocks - from;
    for (size_t row = first; row < last; row += gather_rows) {
      const size_t rows = ck_minimum(gather_rows, last - row);
      const float *x = job->x + row * job->row_stride + from * job->k_stride;
      copy_side_by_side(rows_copy, x, job->k_stride, rows, depth);
      table->product(job->y + row * job->y_stride + column, job->y_stride, rows_copy, 1, gather_rows, rows,
                     job->packed + column * job->k + from * 32, 32 * job->k, 32, end - column, depth,
                     sums_before(job, row, column, block));
    }
  }
}

static void product_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const product_job *job = context;
  const size_t group = index / job->row_pieces, part = index % job->row_pieces;
  const size_t first = ck_piece_start(job->m, job->row_pieces, part);
  const size_t last = ck_piece_start(job->m, job->row_pieces, part + 1);
  const size_t column = ck_piece_start(job->panels, job->groups, group) * 32;
  const size_t end = ck_minimum(job->n, ck_piece_start(job->panels, job->groups, group + 1) * 32);
  if (job->k_stride == 1)
    product_in_place(job, first, last, column, end);
  else
    product_gathered(job, first, last, column, end);
}

/// A product over no steps at all.
static void copy_start(float *y, size_t y_stride, size_t m, size_t n, const float *start) {
  for (size_t r = 0; r < m; r++) {
    if (start)
      memmove(y + r * y_stride, start + r * y_stride, n * sizeof(float));
    else
      memset(y + r * y_stride, 0, n * sizeof(float));
  }
}

void ck_product(ck_pool *pool, float *y, size_t y_stride, const float *x, size_t row_stride, size_t k_stride, size_t m,
                const float *packed, size_t n, size_t k, const float *start) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    copy_start(y, y_stride, m, n, start);
    return;
  }
  const size_t panels = (n + 31) / 32, threads = ck_pool_threads(pool);
  size_t groups = (panels + group_panels - 1) / group_panels, row_pieces = (m + piece_rows - 1) / piece_rows;
  if (row_pieces * groups < 4 * threads) {
    // Few rows: cut the columns finer, as far as a piece is worth a hand-over.
    size_t most = panels * k * 32 * (m < 8 ? 1 : m / 8) / narrow_floats;
    size_t wanted = ck_minimum(4 * threads / row_pieces, ck_minimum(most, (panels + 3) / 4));
    if (wanted > groups) groups = wanted;
  }
  product_job job = {pool, y, x, packed, start, y_stride, row_stride, k_stride, m, n, k, groups, panels, row_pieces};
  ck_pool_run(pool, groups * row_pieces, product_piece, &job);
}
