// A row of logits: scores, gradients and draws. Sums run in float over blocks of 1024 logits, sixteen lanes wide, and
// in double over the blocks, so a vocabulary of 10^5 costs no precision.
#ifndef CK_SCORE_KERNELS_H
#define CK_SCORE_KERNELS_H

#include "lanes.h"
#include "table.h"

enum { score_block = 1024 };

CK_INLINE lanes scaled_logits(const float *logits, size_t i, size_t width, lanes inverse_temperature) {
  if (i + 16 <= width) return lanes_load(logits + i) * inverse_temperature;
  return lanes_load_part(logits + i, width - i, -INFINITY) * inverse_temperature;
}

static float row_maximum(const float *logits, size_t width, float inverse_temperature) {
  const lanes scale = lanes_splat(inverse_temperature);
  lanes largest = lanes_splat(-INFINITY);
  for (size_t i = 0; i < width; i += 16) largest = lanes_max(scaled_logits(logits, i, width, scale), largest);
  return lanes_maximum(largest);
}

/// Σ exp(z - maximum) over logits [first, last) of one block; `spread` gets Σ exp(z - maximum) (z - maximum).
CK_INLINE lanes block_weights(const float *logits, size_t first, size_t last, size_t width, lanes scale, lanes maximum,
                              lanes *spread) {
  lanes sum = lanes_splat(0.0f), moment = lanes_splat(0.0f);
  for (size_t i = first; i < last; i += 16) {
    lanes shifted = scaled_logits(logits, i, width, scale) - maximum;
    lanes weight = lanes_exp(shifted);
    sum = sum + weight;
    // 0 · -inf counts as 0: the limit of x log x.
    lanes product = lanes_select((int_lanes)(weight == lanes_splat(0.0f)), lanes_splat(0.0f), weight * shifted);
    moment = moment + product;
  }
  *spread = moment;
  return sum;
}

static ck_score score(const float *logits, size_t width, int32_t token, float temperature) {
  const float inverse = 1.0f / temperature, maximum = row_maximum(logits, width, inverse);
  wide_lanes sum = {0}, spread = {0};
  for (size_t i = 0; i < width; i += score_block) {
    lanes moment;
    lanes weights = block_weights(logits, i, ck_minimum(i + score_block, width), width, lanes_splat(inverse),
                                  lanes_splat(maximum), &moment);
    sum = sum + lanes_widen(weights);
    spread = spread + lanes_widen(moment);
  }
  const double total = wide_lanes_sum(sum), logarithm = log(total);
  return (ck_score){
      .log_probability = (float)((double)(logits[token] * inverse - maximum) - logarithm),
      .entropy = (float)(logarithm - wide_lanes_sum(spread) / total),
      .maximum = maximum,
      .normalizer = total,
  };
}

/// With p = softmax(z), z = logits / T: d log p_t / dz_j = [j = t] - p_j and dH / dz_j = -p_j (log p_j + H).
static void score_backward(float *logits, const ck_score *score, size_t width, int32_t token, float temperature,
                           float dlog_probability, float dentropy) {
  const float inverse = 1.0f / temperature, logarithm = (float)log(score->normalizer);
  const lanes scale = lanes_splat(inverse), maximum = lanes_splat(score->maximum);
  const lanes normalizer = lanes_splat((float)(1.0 / score->normalizer));
  const lanes dlog = lanes_splat(dlog_probability), dent = lanes_splat(dentropy);
  const lanes shift = lanes_splat(score->entropy - logarithm), zero = lanes_splat(0.0f);
  for (size_t i = 0; i < width; i += 16) {
    lanes shifted = scaled_logits(logits, i, width, scale) - maximum;
    lanes p = lanes_exp(shifted) * normalizer;
    lanes gradient = -(p * (dlog + dent * (shifted + shift)));
    gradient = lanes_select((int_lanes)(p == zero), zero, gradient) * scale;
    if (i + 16 <= width)
      lanes_store(logits + i, gradient);
    else
      lanes_store_part(logits + i, gradient, width - i);
  }
  logits[token] += dlog_probability * inverse;
}

static int32_t argmax(const float *logits, size_t width) {
  const float maximum = row_maximum(logits, width, 1.0f);
  for (size_t i = 0; i < width; i++)
    if (logits[i] == maximum) return (int32_t)i;
  return -1;
}

static int32_t draw(const float *logits, size_t width, float temperature, const ck_score *score, double uniform) {
  const lanes scale = lanes_splat(1.0f / temperature), maximum = lanes_splat(score->maximum);
  const double target = uniform * score->normalizer;
  double passed = 0;
  int32_t last = -1;
  for (size_t i = 0; i < width; i += score_block) {
    const size_t end = ck_minimum(i + score_block, width);
    lanes moment;
    const double block = wide_lanes_sum(lanes_widen(block_weights(logits, i, end, width, scale, maximum, &moment)));
    if (passed + block <= target) {
      passed += block;
      continue;
    }
    for (size_t j = i; j < end; j += 16) {
      float weights[16];
      lanes_store(weights, lanes_exp(scaled_logits(logits, j, width, scale) - maximum));
      for (size_t l = 0; l < 16 && j + l < end; l++) {
        if (!(weights[l] > 0)) continue;
        last = (int32_t)(j + l);
        passed += weights[l];
        if (passed > target) return last;
      }
    }
  }
  // Rounding left the sum a hair below the target: the last token with any weight.
  if (last >= 0) return last;
  for (size_t i = width; i > 0; i--)
    if (expf(logits[i - 1] / temperature - score->maximum) > 0) return (int32_t)(i - 1);
  return -1;
}

static size_t candidates(const float *logits, size_t width, float temperature, float maximum, float threshold,
                         int32_t *ids, float *weights) {
  const lanes scale = lanes_splat(1.0f / temperature), shift = lanes_splat(maximum);
  size_t count = 0;
  for (size_t i = 0; i < width; i += 16) {
    float block[16];
    lanes weight = lanes_exp(scaled_logits(logits, i, width, scale) - shift);
    if (lanes_maximum(weight) < threshold) continue;
    lanes_store(block, weight);
    for (size_t l = 0; l < 16 && i + l < width; l++) {
      if (!(block[l] >= threshold)) continue;
      ids[count] = (int32_t)(i + l);
      weights[count++] = block[l];
    }
  }
  return count;
}

#endif
