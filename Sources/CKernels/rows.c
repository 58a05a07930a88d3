// Row operations, cut into ranges of rows (or of columns, where rows add up).
#include <string.h>

#include "pool.h"

enum { row_floats = 8192 };  // least floats that a piece touches

static size_t rows_of_piece(size_t width) { return width >= row_floats ? 1 : row_floats / (width ? width : 1); }

// Every job below is a struct of the arguments and `pieces`; PIECE gives the range of the index.
#define PIECE(items)                                              \
  const size_t first = ck_piece_start(items, job->pieces, index); \
  const size_t last = ck_piece_start(items, job->pieces, index + 1); \
  (void)worker

typedef struct {
  ck_pool *pool;
  float *y;
  const float *x;
  const int32_t *rows;
  size_t count, width, pieces;
} index_job;

static void gather_piece(void *context, size_t index, size_t worker) {
  const index_job *job = context;
  PIECE(job->count);
  for (size_t i = first; i < last; i++)
    memcpy(job->y + i * job->width, job->x + (size_t)job->rows[i] * job->width, job->width * sizeof(float));
}

void ck_gather_rows(ck_pool *pool, float *y, const float *x, const int32_t *rows, size_t count, size_t width) {
  index_job job = {pool, y, x, rows, count, width, ck_pool_pieces(pool, count, rows_of_piece(width))};
  ck_pool_run(pool, job.pieces, gather_piece, &job);
}

static void scatter_piece(void *context, size_t index, size_t worker) {
  const index_job *job = context;
  PIECE(job->width);
  for (size_t i = 0; i < job->count; i++)
    ck_pool_table(job->pool)
        ->add(job->y + (size_t)job->rows[i] * job->width + first, job->x + i * job->width + first, last - first);
}

void ck_scatter_add_rows(ck_pool *pool, float *y, const float *x, const int32_t *rows, size_t count, size_t width) {
  index_job job = {pool, y, x, rows, count, width, ck_pool_pieces(pool, width, 64)};
  ck_pool_run(pool, job.pieces, scatter_piece, &job);
}

typedef struct {
  ck_pool *pool;
  float *y;
  const float *x, *weight;
  size_t rows, width, pieces;
  float epsilon;
} norm_job;

static void norm_piece(void *context, size_t index, size_t worker) {
  const norm_job *job = context;
  PIECE(job->rows);
  ck_pool_table(job->pool)
      ->rms_norm(job->y + first * job->width, job->x + first * job->width, job->weight, last - first, job->width,
                 job->epsilon);
}

void ck_rms_norm(ck_pool *pool, float *y, const float *x, const float *weight, size_t rows, size_t width,
                 float epsilon) {
  norm_job job = {pool, y, x, weight, rows, width, ck_pool_pieces(pool, rows, rows_of_piece(width)), epsilon};
  ck_pool_run(pool, job.pieces, norm_piece, &job);
}

typedef struct {
  ck_pool *pool;
  float *dx, *dweight;
  const float *dy, *x, *weight;
  float *inverse;
  size_t rows, width, pieces;
  float epsilon;
} norm_backward_job;

static void norm_backward_piece(void *context, size_t index, size_t worker) {
  const norm_backward_job *job = context;
  PIECE(job->rows);
  const size_t start = first * job->width;
  ck_pool_table(job->pool)
      ->rms_norm_backward(job->dx + start, job->dy + start, job->x + start, job->weight, job->inverse + first,
                          last - first, job->width, job->epsilon);
}

static void norm_weight_piece(void *context, size_t index, size_t worker) {
  const norm_backward_job *job = context;
  PIECE(job->width);
  ck_pool_table(job->pool)
      ->rms_norm_weight(job->dweight, job->dy, job->x, job->inverse, job->rows, job->width, first, last);
}

void ck_rms_norm_backward(ck_pool *pool, float *dx, float *dweight, const float *dy, const float *x,
                          const float *weight, float *inverse, size_t rows, size_t width, float epsilon) {
  norm_backward_job job = {pool, dx, dweight, dy, x, weight, inverse, rows, width,
                           ck_pool_pieces(pool, rows, rows_of_piece(width)), epsilon};
  ck_pool_run(pool, job.pieces, norm_backward_piece, &job);
  job.pieces = ck_pool_pieces(pool, width, 64);
  ck_pool_run(pool, job.pieces, norm_weight_piece, &job);
}

typedef struct {
  ck_pool *pool;
  float *x;
  const int32_t *positions;
  const float *cosines, *sines;
  size_t row_stride, rows, heads, head_width, pieces;
  float direction;
} rope_job;

static void rope_piece(void *context, size_t index, size_t worker) {
  const rope_job *job = context;
  PIECE(job->rows);
  ck_pool_table(job->pool)
      ->rope(job->x + first * job->row_stride, job->row_stride, job->positions + first, last - first, job->heads,
             job->head_width, job->cosines, job->sines, job->direction);
}

void ck_rope(ck_pool *pool, float *x, size_t row_stride, const int32_t *positions, size_t rows, size_t heads,
             size_t head_width, const float *cosines, const float *sines, float direction) {
  rope_job job = {pool, x, positions, cosines, sines, row_stride, rows, heads, head_width,
                  ck_pool_pieces(pool, rows, rows_of_piece(heads * head_width)), direction};
  ck_pool_run(pool, job.pieces, rope_piece, &job);
}

typedef struct {
  ck_pool *pool;
  float *y;
  const float *dy, *gate_up;
  size_t rows, width, pieces;
} swiglu_job;

static void swiglu_piece(void *context, size_t index, size_t worker) {
  const swiglu_job *job = context;
  PIECE(job->rows);
  ck_pool_table(job->pool)
      ->swiglu(job->y + first * job->width, job->gate_up + first * 2 * job->width, last - first, job->width);
}

void ck_swiglu(ck_pool *pool, float *y, const float *gate_up, size_t rows, size_t width) {
  swiglu_job job = {pool, y, NULL, gate_up, rows, width, ck_pool_pieces(pool, rows, rows_of_piece(2 * width))};
  ck_pool_run(pool, job.pieces, swiglu_piece, &job);
}

static void swiglu_backward_piece(void *context, size_t index, size_t worker) {
  const swiglu_job *job = context;
  PIECE(job->rows);
  ck_pool_table(job->pool)
      ->swiglu_backward(job->y + first * 2 * job->width, job->dy + first * job->width,
                        job->gate_up + first * 2 * job->width, last - first, job->width);
}

void ck_swiglu_backward(ck_pool *pool, float *dgate_up, const float *dy, const float *gate_up, size_t rows,
                        size_t width) {
  swiglu_job job = {pool, dgate_up, dy, gate_up, rows, width, ck_pool_pieces(pool, rows, rows_of_piece(2 * width))};
  ck_pool_run(pool, job.pieces, swiglu_backward_piece, &job);
}
