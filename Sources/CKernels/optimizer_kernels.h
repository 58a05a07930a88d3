// AdamW and the norms of gradients.
#ifndef CK_OPTIMIZER_KERNELS_H
#define CK_OPTIMIZER_KERNELS_H

#include "lanes.h"
#include "table.h"

static double sum_of_squares(const float *x, size_t count) {
  wide_lanes sum = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    wide_lanes v = lanes_widen(lanes_load(x + i));
    sum = sum + v * v;
  }
  if (i < count) {
    wide_lanes v = lanes_widen(lanes_load_part(x + i, count - i, 0.0f));
    sum = sum + v * v;
  }
  return wide_lanes_sum(sum);
}

static void scale(float *x, size_t count, float factor) {
  for (size_t i = 0; i < count; i++) x[i] *= factor;
}

static void adamw(const ck_adamw_step *step, float *parameters, const float *gradients, float *mean, float *variance,
                  size_t count) {
  const float decay = 1.0f - step->learning_rate * step->weight_decay;
  const float step_size = step->learning_rate / step->bias1, root = sqrtf(step->bias2);
  const float beta1 = step->beta1, beta2 = step->beta2, epsilon = step->epsilon, scale = step->gradient_scale;
  const float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
  for (size_t i = 0; i < count; i++) {
    const float g = gradients[i] * scale;
    const float m = beta1 * mean[i] + rest1 * g;
    const float v = beta2 * variance[i] + rest2 * g * g;
    const float denominator = sqrtf(v) / root + epsilon;
    mean[i] = m;
    variance[i] = v;
    parameters[i] = parameters[i] * decay - step_size * (m / denominator);
  }
}

#endif
