// AdamW, norms and scaling over whole parameter buffers, in fixed pieces of 65536 floats.
#include "pool.h"

enum { piece_floats = 65536 };

typedef struct {
  ck_pool *pool;
  const ck_adamw_step *step;
  float *parameters, *mean, *variance;
  const float *gradients;
  double *partial;
  size_t count;
  float factor;
} buffer_job;

static size_t pieces_of(size_t count) { return (count + piece_floats - 1) / piece_floats; }
static size_t piece_length(const buffer_job *job, size_t index) {
  return ck_minimum(piece_floats, job->count - index * piece_floats);
}

static void squares_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const buffer_job *job = context;
  job->partial[index] =
      ck_pool_table(job->pool)->sum_of_squares(job->gradients + index * piece_floats, piece_length(job, index));
}

double ck_sum_of_squares(ck_pool *pool, const float *x, size_t count, double *partial) {
  buffer_job job = {.pool = pool, .gradients = x, .partial = partial, .count = count};
  ck_pool_run(pool, pieces_of(count), squares_piece, &job);
  double sum = 0;
  for (size_t i = 0; i < pieces_of(count); i++) sum += partial[i];
  return sum;
}

static void scale_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const buffer_job *job = context;
  ck_pool_table(job->pool)->scale(job->parameters + index * piece_floats, piece_length(job, index), job->factor);
}

void ck_scale(ck_pool *pool, float *x, size_t count, float factor) {
  buffer_job job = {.pool = pool, .parameters = x, .count = count, .factor = factor};
  ck_pool_run(pool, pieces_of(count), scale_piece, &job);
}

static void adamw_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const buffer_job *job = context;
  const size_t start = index * piece_floats;
  ck_pool_table(job->pool)
      ->adamw(job->step, job->parameters + start, job->gradients + start, job->mean + start, job->variance + start,
              piece_length(job, index));
}

void ck_adamw(ck_pool *pool, const ck_adamw_step *step, float *parameters, const float *gradients, float *mean,
              float *variance, size_t count) {
  buffer_job job = {.pool = pool, .step = step, .parameters = parameters, .mean = mean, .variance = variance,
                    .gradients = gradients, .count = count};
  ck_pool_run(pool, pieces_of(count), adamw_piece, &job);
}
