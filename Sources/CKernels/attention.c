// Attention over pages, forward and backward, cut into (segment, key-value head, tile) pieces.
#include <string.h>

#include "pool.h"

typedef struct {
  const ck_attention_shape *shape;
  const ck_cache_rows *segments;
} write_job;

/// One segment: keys go across (a position is a lane of a panel), values go along.
static void write_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const write_job *job = context;
  const ck_attention_shape *shape = job->shape;
  const ck_cache_rows *segment = &job->segments[index];
  const size_t width = shape->head_width, value_width = shape->value_width;
  for (size_t token = 0; token < segment->tokens; token++) {
    const size_t position = segment->first_position + token, lane = position % 32;
    float *page = segment->pages[position / 32];
    for (size_t head = 0; head < shape->kv_heads; head++) {
      const float *key = segment->key + token * segment->stride + head * width;
      const float *value = segment->value + token * segment->stride + head * width;
      float *panel = page + shape->key_offset + head * width * 32 + lane;
      for (size_t i = 0; i < width; i++) panel[i * 32] = key[i];
      memcpy(page + shape->value_offset + (head * 32 + lane) * value_width, value, width * sizeof(float));
    }
  }
}

void ck_cache_write(ck_pool *pool, const ck_attention_shape *shape, const ck_cache_rows *segments, size_t count) {
  size_t tokens = 0;
  for (size_t i = 0; i < count; i++) tokens += segments[i].tokens;
  write_job job = {shape, segments};
  if (tokens * shape->kv_heads * shape->head_width >= 16384)
    ck_pool_run(pool, count, write_piece, &job);
  else
    for (size_t i = 0; i < count; i++) write_piece(&job, i, 0);
}

/// Pages of a sequence are filled row by row, as a cache is.
typedef struct {
  const ck_attention_shape *shape;
  const float *qkv;
  size_t stride;
  const ck_attention_sequence *sequences;
  float *const *const *pages;
} fill_job;

static void fill_piece(void *context, size_t index, size_t worker) {
  const fill_job *job = context;
  const ck_attention_shape *shape = job->shape;
  const ck_attention_sequence *sequence = &job->sequences[index];
  for (size_t p = 0; p < sequence->length; p++) {
    const float *key = job->qkv + (size_t)sequence->rows[p] * job->stride + shape->heads * shape->head_width;
    ck_cache_rows row = {key, key + shape->kv_heads * shape->head_width, job->pages[index], 0, p, 1};
    write_job write = {shape, &row};
    write_piece(&write, 0, worker);
  }
}

void ck_attention_fill(ck_pool *pool, const ck_attention_shape *shape, const float *qkv, size_t qkv_stride,
                       const ck_attention_sequence *sequences, float *const *const *pages, size_t count) {
  fill_job job = {shape, qkv, qkv_stride, sequences, pages};
  ck_pool_run(pool, count, fill_piece, &job);
}

typedef struct {
  ck_pool *pool;
  const ck_attention_shape *shape;
  const ck_attention_segment *segments;
  size_t count, scratch_stride;
  float *scratch;
} attention_job;

static size_t attention_tiles(const ck_attention_shape *shape, size_t tokens) {
  const size_t rows = tokens * (shape->heads / shape->kv_heads);
  return (rows + ck_attention_rows - 1) / ck_attention_rows;
}

static void attention_piece(void *context, size_t index, size_t worker) {
  const attention_job *job = context;
  for (size_t s = 0; s < job->count; s++) {
    const ck_attention_segment *segment = &job->segments[s];
    const size_t tiles = attention_tiles(job->shape, segment->tokens), pieces = tiles * job->shape->kv_heads;
    if (index >= pieces) {
      index -= pieces;
      continue;
    }
    const size_t first = index % tiles * ck_attention_rows;
    const size_t rows = segment->tokens * (job->shape->heads / job->shape->kv_heads);
    ck_pool_table(job->pool)
        ->attention(job->shape, segment, index / tiles, first, ck_minimum(ck_attention_rows, rows - first),
                    job->scratch + worker * job->scratch_stride);
    return;
  }
}

static size_t attention_scratch_stride(const ck_attention_shape *shape, size_t context) {
  return ck_round_up(ck_attention_rows * (shape->head_width + shape->value_width + ck_round_up(context, 32)), 16);
}

size_t ck_attention_scratch(const ck_pool *pool, const ck_attention_shape *shape, size_t context) {
  return ck_pool_threads(pool) * attention_scratch_stride(shape, context);
}

void ck_attention(ck_pool *pool, const ck_attention_shape *shape, const ck_attention_segment *segments, size_t count,
                  float *scratch) {
  size_t pieces = 0, context = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t end = segments[i].first_position + segments[i].tokens;
    pieces += attention_tiles(shape, segments[i].tokens) * shape->kv_heads;
    if (end > context) context = end;
  }
  attention_job job = {pool, shape, segments, count, attention_scratch_stride(shape, context), scratch};
  ck_pool_run(pool, pieces, attention_piece, &job);
}

typedef struct {
  ck_pool *pool;
  const ck_attention_shape *shape;
  float *dqkv;
  const float *qkv, *doutput;
  size_t qkv_stride, row_count, output_stride, count, scratch_stride;
  const ck_attention_sequence *sequences;
  float *scratch;
} backward_job;

static void backward_piece(void *context, size_t index, size_t worker) {
  const backward_job *job = context;
  const size_t heads = job->shape->kv_heads;
  ck_pool_table(job->pool)
      ->attention_backward(job->shape, job->dqkv, job->qkv, job->qkv_stride, job->doutput, job->output_stride,
                           &job->sequences[index / heads], index % heads,
                           job->scratch + worker * job->scratch_stride);
}

/// Adds one head's key (or value) gradients of all sequences, in order, to the rows they came from.
static void collect_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const backward_job *job = context;
  const ck_attention_shape *shape = job->shape;
  const size_t width = shape->head_width;
  float *target = job->dqkv + shape->heads * width + index * width;  // keys of all heads, then values
  for (size_t r = 0; r < job->row_count; r++) memset(target + r * job->qkv_stride, 0, width * sizeof(float));
  for (size_t s = 0; s < job->count; s++) {
    const ck_attention_sequence *sequence = &job->sequences[s];
    const float *source = sequence->key_value_gradients + index * sequence->length * shape->value_width;
    for (size_t p = 0; p < sequence->length; p++)
      ck_pool_table(job->pool)
          ->add(target + (size_t)sequence->rows[p] * job->qkv_stride, source + p * shape->value_width, width);
  }
}

static size_t backward_scratch_stride(const ck_attention_shape *shape, size_t context) {
  const size_t whole = ck_round_up(context, 32), block = ck_attention_backward_rows;
  return ck_round_up(2 * whole * (shape->value_width + shape->head_width) +
                         block * (3 * shape->value_width + 2 * whole),
                     16);
}

size_t ck_attention_backward_scratch(const ck_pool *pool, const ck_attention_shape *shape, size_t context) {
  return ck_pool_threads(pool) * backward_scratch_stride(shape, context);
}

void ck_attention_backward(ck_pool *pool, const ck_attention_shape *shape, float *dqkv, const float *qkv,
                           size_t qkv_stride, size_t row_count, const float *doutput, size_t output_stride,
                           const ck_attention_sequence *sequences, size_t count, float *scratch) {
  size_t context = 0;
  for (size_t i = 0; i < count; i++)
    if (sequences[i].length > context) context = sequences[i].length;
  backward_job job = {pool, shape, dqkv, qkv, doutput, qkv_stride, row_count, output_stride, count,
                      backward_scratch_stride(shape, context), sequences, scratch};
  ck_pool_run(pool, count * shape->kv_heads, backward_piece, &job);
  ck_pool_run(pool, 2 * shape->kv_heads, collect_piece, &job);
}
