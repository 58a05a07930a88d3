// Scores of rows of logits and the primitives of sampling.
#include <math.h>

#include "pool.h"

typedef struct {
  ck_pool *pool;
  ck_score *scores;
  float *gradients;
  const float *logits, *dlog_probability, *dentropy;
  const int32_t *tokens;
  size_t width;
  float temperature;
} score_job;

static void score_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const score_job *job = context;
  job->scores[index] = ck_pool_table(job->pool)
                           ->score(job->logits + index * job->width, job->width, job->tokens[index], job->temperature);
}

void ck_score_rows(ck_pool *pool, ck_score *scores, const float *logits, size_t rows, size_t width,
                   const int32_t *tokens, float temperature) {
  score_job job = {pool, scores, NULL, logits, NULL, NULL, tokens, width, temperature};
  ck_pool_run(pool, rows, score_piece, &job);
}

static void score_backward_piece(void *context, size_t index, size_t worker) {
  (void)worker;
  const score_job *job = context;
  ck_pool_table(job->pool)
      ->score_backward(job->gradients + index * job->width, &job->scores[index], job->width, job->tokens[index],
                       job->temperature, job->dlog_probability[index], job->dentropy ? job->dentropy[index] : 0.0f);
}

void ck_score_rows_backward(ck_pool *pool, float *logits, const ck_score *scores, size_t rows, size_t width,
                            const int32_t *tokens, float temperature, const float *dlog_probability,
                            const float *dentropy) {
  score_job job = {pool, (ck_score *)scores, logits, NULL, dlog_probability, dentropy, tokens, width, temperature};
  ck_pool_run(pool, rows, score_backward_piece, &job);
}

ck_score ck_score_row(const ck_pool *pool, const float *logits, size_t width, int32_t token, float temperature) {
  return ck_pool_table(pool)->score(logits, width, token, temperature);
}

float ck_log_probability(const ck_score *score, float logit, float temperature) {
  const float inverse = 1.0f / temperature;
  return (float)((double)(logit * inverse - score->maximum) - log(score->normalizer));
}

int32_t ck_argmax(const ck_pool *pool, const float *logits, size_t width) {
  return ck_pool_table(pool)->argmax(logits, width);
}

int32_t ck_draw(const ck_pool *pool, const float *logits, size_t width, float temperature, const ck_score *score,
                double uniform) {
  return ck_pool_table(pool)->draw(logits, width, temperature, score, uniform);
}

size_t ck_candidates(const ck_pool *pool, const float *logits, size_t width, float temperature, float maximum,
                     float threshold, int32_t *ids, float *weights) {
  return ck_pool_table(pool)->candidates(logits, width, temperature, maximum, threshold, ids, weights);
}
