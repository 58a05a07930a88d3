// Row operations. Element-wise loops are plain C (the compiler vectorises them without changing a bit); reductions go
// through sixteen lanes explicitly.
#ifndef CK_ROW_KERNELS_H
#define CK_ROW_KERNELS_H

#include "lanes.h"
#include "table.h"

static float mean_square(const float *x, size_t width) {
  lanes sum = lanes_splat(0.0f);
  size_t i = 0;
  for (; i + 16 <= width; i += 16) sum = lanes_fma(lanes_load(x + i), lanes_load(x + i), sum);
  if (i < width) {
    lanes rest = lanes_load_part(x + i, width - i, 0.0f);
    sum = lanes_fma(rest, rest, sum);
  }
  return lanes_sum(sum) / (float)width;
}

static void rms_norm(float *y, const float *x, const float *weight, size_t rows, size_t width, float epsilon) {
  for (size_t r = 0; r < rows; r++, x += width, y += width) {
    const float inverse = 1.0f / sqrtf(mean_square(x, width) + epsilon);
    for (size_t i = 0; i < width; i++) y[i] = x[i] * inverse * weight[i];
  }
}

/// dx += s (w dy - x s² mean(w dy x)), s the inverse root mean square, kept in `inverse`.
static void rms_norm_backward(float *dx, const float *dy, const float *x, const float *weight, float *inverse,
                              size_t rows, size_t width, float epsilon) {
  for (size_t r = 0; r < rows; r++, x += width, dx += width, dy += width) {
    const float s = 1.0f / sqrtf(mean_square(x, width) + epsilon);
    lanes sum = lanes_splat(0.0f);
    size_t i = 0;
    for (; i + 16 <= width; i += 16)
      sum = lanes_fma(lanes_load(dy + i) * lanes_load(weight + i), lanes_load(x + i), sum);
    if (i < width)
      sum = lanes_fma(lanes_load_part(dy + i, width - i, 0.0f) * lanes_load_part(weight + i, width - i, 0.0f),
                      lanes_load_part(x + i, width - i, 0.0f), sum);
    const float pull = lanes_sum(sum) / (float)width * s * s;
    for (size_t j = 0; j < width; j++) dx[j] += s * (weight[j] * dy[j] - x[j] * pull);
    inverse[r] = s;
  }
}

/// dweight[c] += Σ_r dy x s for columns [first, last), rows in order.
static void rms_norm_weight(float *dweight, const float *dy, const float *x, const float *inverse, size_t rows,
                            size_t width, size_t first, size_t last) {
  for (size_t r = 0; r < rows; r++) {
    const float s = inverse[r];
    const float *dy_row = dy + r * width, *x_row = x + r * width;
    for (size_t c = first; c < last; c++) dweight[c] += dy_row[c] * (x_row[c] * s);
  }
}

static void rope(float *x, size_t row_stride, const int32_t *positions, size_t rows, size_t heads, size_t head_width,
                 const float *cosines, const float *sines, float direction) {
  const size_t half = head_width / 2;
  for (size_t r = 0; r < rows; r++) {
    const float *c = cosines + (size_t)positions[r] * half, *s = sines + (size_t)positions[r] * half;
    for (size_t h = 0; h < heads; h++) {
      float *low = x + r * row_stride + h * head_width, *high = low + half;
      for (size_t i = 0; i < half; i++) {
        const float a = low[i], b = high[i], sine = direction * s[i];
        low[i] = a * c[i] - b * sine;
        high[i] = b * c[i] + a * sine;
      }
    }
  }
}

static void swiglu(float *y, const float *gate_up, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++, y += width, gate_up += 2 * width) {
    const float *up = gate_up + width;
    size_t i = 0;
    for (; i + 16 <= width; i += 16) {
      lanes gate = lanes_load(gate_up + i);
      lanes_store(y + i, gate * lanes_sigmoid(gate) * lanes_load(up + i));
    }
    if (i < width) {
      lanes gate = lanes_load_part(gate_up + i, width - i, 0.0f);
      lanes value = gate * lanes_sigmoid(gate) * lanes_load_part(up + i, width - i, 0.0f);
      lanes_store_part(y + i, value, width - i);
    }
  }
}

/// d silu(g) = σ + g σ (1 - σ).
CK_INLINE lanes silu_derivative(lanes gate, lanes sigmoid) {
  return sigmoid + gate * sigmoid * (lanes_splat(1.0f) - sigmoid);
}

static void swiglu_backward(float *dgate_up, const float *dy, const float *gate_up, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++, dy += width, gate_up += 2 * width, dgate_up += 2 * width) {
    size_t i = 0;
    for (; i < width; i += 16) {
      const size_t count = ck_minimum(16, width - i);
      const int whole = count == 16;
      lanes gate = whole ? lanes_load(gate_up + i) : lanes_load_part(gate_up + i, count, 0.0f);
      lanes up = whole ? lanes_load(gate_up + width + i) : lanes_load_part(gate_up + width + i, count, 0.0f);
      lanes d = whole ? lanes_load(dy + i) : lanes_load_part(dy + i, count, 0.0f);
      lanes sigmoid = lanes_sigmoid(gate);
      lanes dgate = d * up * silu_derivative(gate, sigmoid), dup = d * (gate * sigmoid);
      if (whole) {
        lanes_store(dgate_up + i, dgate);
        lanes_store(dgate_up + width + i, dup);
      } else {
        lanes_store_part(dgate_up + i, dgate, count);
        lanes_store_part(dgate_up + width + i, dup, count);
      }
    }
  }
}

static void add(float *y, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

/// Softmax numerators in place over `padded` (a multiple of 16) columns, of which the first `valid` count: the others
/// become 0. Returns the sum. Zeros at the end change no bit of it, so padding does not matter.
static float softmax_numerators(float *row, size_t valid, size_t padded) {
  for (size_t i = valid; i < padded; i++) row[i] = -INFINITY;
  lanes largest = lanes_splat(-INFINITY);
  for (size_t i = 0; i < padded; i += 16) largest = lanes_max(lanes_load(row + i), largest);
  const lanes maximum = lanes_splat(lanes_maximum(largest));
  lanes sum = lanes_splat(0.0f);
  for (size_t i = 0; i < padded; i += 16) {
    lanes weight = lanes_exp(lanes_load(row + i) - maximum);
    lanes_store(row + i, weight);
    sum = sum + weight;
  }
  return lanes_sum(sum);
}

#endif
