// Attention of one tile of query rows. Rows are (token, head) pairs of one key-value head, so that the query heads of
// a group share every load of keys and values. All scores of a row exist at once: maximum, exponentials and sum run
// over positions in order, and the value chain too, so paging and tiling change no bit.
#ifndef CK_ATTENTION_KERNEL_H
#define CK_ATTENTION_KERNEL_H

#include "product_kernel.h"
#include "row_kernels.h"

static void attention(const ck_attention_shape *shape, const ck_attention_segment *segment, size_t kv_head,
                      size_t first_row, size_t rows, float *scratch) {
  const size_t width = shape->head_width, value_width = shape->value_width, group = shape->heads / shape->kv_heads;
  const size_t context = segment->first_position + (first_row + rows - 1) / group + 1;
  const size_t padded = ck_round_up(context, 32), pages = padded / 32;
  float *queries = scratch;                              // (rows, width)
  float *values = queries + ck_attention_rows * width;   // (rows, value_width)
  float *weights = values + ck_attention_rows * value_width;  // (rows, padded)
  float inverse[ck_attention_rows];

  for (size_t r = 0; r < rows; r++) {
    const size_t token = (first_row + r) / group, head = kv_head * group + (first_row + r) % group;
    const float *query = segment->query + token * segment->query_stride + head * width;
    for (size_t i = 0; i < width; i++) queries[r * width + i] = query[i] * shape->scale;
  }
  for (size_t p = 0; p < pages; p++)
    product(weights + p * 32, padded, queries, width, 1, rows,
            segment->pages[p] + shape->key_offset + kv_head * width * 32, 0, 32, 32, width, NULL);
  for (size_t r = 0; r < rows; r++) {
    const size_t valid = segment->first_position + (first_row + r) / group + 1;
    inverse[r] = 1.0f / softmax_numerators(weights + r * padded, valid, padded);
  }
  for (size_t p = 0; p < pages; p++)
    product(values, value_width, weights + p * 32, padded, 1, rows,
            segment->pages[p] + shape->value_offset + kv_head * 32 * value_width, 32, value_width, value_width,
            ck_minimum(32, context - p * 32), p > 0 ? values : NULL);
  for (size_t r = 0; r < rows; r++) {
    const size_t token = (first_row + r) / group, head = kv_head * group + (first_row + r) % group;
    float *output = segment->output + token * segment->output_stride + head * width;
    for (size_t i = 0; i < width; i++) output[i] = values[r * value_width + i] * inverse[r];
  }
}

/// Gathers one key-value head of a sequence: rows (length, value_width) and panels [length / 32][width][32].
static void gather_head(float *rows_out, float *panels, const float *source, size_t stride, const int32_t *rows,
                        size_t length, size_t width, size_t value_width) {
  const size_t padded = ck_round_up(length, 32);
  for (size_t p = 0; p < length; p++) {
    memcpy(rows_out + p * value_width, source + (size_t)rows[p] * stride, width * sizeof(float));
    memset(rows_out + p * value_width + width, 0, (value_width - width) * sizeof(float));
  }
  pack(panels, 0, rows_out, value_width, 1, length, width, 0, padded / 32);
}

/// With P the probabilities and dO the output's gradient: dV = Pᵀ dO, dS = P (dO Vᵀ - Σ P dO Vᵀ), dQ = dS K,
/// dK = dSᵀ Q. Query rows go in blocks; keys and values accumulate over the blocks in order.
static void attention_backward(const ck_attention_shape *shape, float *dqkv, const float *qkv, size_t qkv_stride,
                               const float *doutput, size_t output_stride, const ck_attention_sequence *sequence,
                               size_t kv_head, float *scratch) {
  const size_t width = shape->head_width, value_width = shape->value_width, group = shape->heads / shape->kv_heads;
  const size_t length = sequence->length, whole = ck_round_up(length, 32), block = ck_attention_backward_rows;
  float *keys = scratch, *values = keys + whole * value_width;                        // (length, value_width)
  float *key_panels = values + whole * value_width, *value_panels = key_panels + whole * width;
  float *queries = value_panels + whole * width, *dout = queries + block * value_width;  // (block, value_width)
  float *dquery = dout + block * value_width;
  float *weights = dquery + block * value_width, *dweights = weights + block * whole;  // (block, padded)
  float *dkeys = sequence->key_value_gradients + kv_head * length * value_width;
  float *dvalues = dkeys + shape->kv_heads * length * value_width;

  gather_head(keys, key_panels, qkv + (shape->heads + kv_head) * width, qkv_stride, sequence->rows, length, width,
              value_width);
  gather_head(values, value_panels, qkv + (shape->heads + shape->kv_heads + kv_head) * width, qkv_stride,
              sequence->rows, length, width, value_width);
  memset(dkeys, 0, length * value_width * sizeof(float));
  memset(dvalues, 0, length * value_width * sizeof(float));

  const size_t row_count = (length - sequence->first_own) * group;
  for (size_t first = 0; first < row_count; first += block) {
    const size_t rows = ck_minimum(block, row_count - first);
    const size_t context = sequence->first_own + (first + rows - 1) / group + 1, padded = ck_round_up(context, 32);
    for (size_t r = 0; r < rows; r++) {
      const size_t position = sequence->first_own + (first + r) / group;
      const size_t head = kv_head * group + (first + r) % group, row = (size_t)sequence->rows[position];
      const float *query = qkv + row * qkv_stride + head * width, *d = doutput + row * output_stride + head * width;
      for (size_t i = 0; i < width; i++) queries[r * value_width + i] = query[i] * shape->scale;
      memcpy(dout + r * value_width, d, width * sizeof(float));
      memset(queries + r * value_width + width, 0, (value_width - width) * sizeof(float));
      memset(dout + r * value_width + width, 0, (value_width - width) * sizeof(float));
    }
    product(weights, padded, queries, value_width, 1, rows, key_panels, width * 32, 32, padded, width, NULL);
    product(dweights, padded, dout, value_width, 1, rows, value_panels, width * 32, 32, padded, width, NULL);
    for (size_t r = 0; r < rows; r++) {
      float *weight = weights + r * padded, *dweight = dweights + r * padded;
      const size_t valid = sequence->first_own + (first + r) / group + 1;
      const lanes inverse = lanes_splat(1.0f / softmax_numerators(weight, valid, padded));
      lanes sum = lanes_splat(0.0f);
      for (size_t i = 0; i < padded; i += 16) {
        lanes p = lanes_load(weight + i) * inverse;
        lanes_store(weight + i, p);
        sum = lanes_fma(p, lanes_load(dweight + i), sum);
      }
      const lanes mean = lanes_splat(lanes_sum(sum));
      for (size_t i = 0; i < padded; i += 16)
        lanes_store(dweight + i, lanes_load(weight + i) * (lanes_load(dweight + i) - mean));
    }
    product(dvalues, value_width, weights, 1, padded, context, dout, 32, value_width, value_width, rows, dvalues);
    product(dkeys, value_width, dweights, 1, padded, context, queries, 32, value_width, value_width, rows, dkeys);
    product(dquery, value_width, dweights, padded, 1, rows, keys, 32, value_width, value_width, context, NULL);
    for (size_t r = 0; r < rows; r++) {
      const size_t position = sequence->first_own + (first + r) / group;
      const size_t head = kv_head * group + (first + r) % group;
      float *target = dqkv + (size_t)sequence->rows[position] * qkv_stride + head * width;
      for (size_t i = 0; i < width; i++) target[i] = dquery[r * value_width + i] * shape->scale;
    }
  }
}

#endif
