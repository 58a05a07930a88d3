// The kernels that exist once for each instruction set, as a table of functions. They are single-threaded; the
// public functions cut the work and pick the table.
#ifndef CK_TABLE_H
#define CK_TABLE_H

#include "CKernels.h"

typedef struct {
  /// y (m, n) = start + x · b over `k` steps; start lies like y, null is zero. Panel p of b starts at b + p * panel_stride; its step i at + i * b_stride.
  /// n is the number of columns written; ceil(n / 32) panels are read.
  void (*product)(float *y, size_t y_stride, const float *x, size_t row_stride, size_t k_stride, size_t m,
                  const float *b, size_t panel_stride, size_t b_stride, size_t n, size_t k, const float *start);
  /// Packs whole panels [first_panel, last_panel) of a store that receives columns [first, first + n).
  void (*pack)(float *packed, size_t first, const float *source, size_t column_stride, size_t k_stride, size_t n,
               size_t k, size_t first_panel, size_t last_panel);

  void (*rms_norm)(float *y, const float *x, const float *weight, size_t rows, size_t width, float epsilon);
  void (*rms_norm_backward)(float *dx, const float *dy, const float *x, const float *weight, float *inverse,
                            size_t rows, size_t width, float epsilon);
  void (*rms_norm_weight)(float *dweight, const float *dy, const float *x, const float *inverse, size_t rows,
                          size_t width, size_t first, size_t last);
  void (*rope)(float *x, size_t row_stride, const int32_t *positions, size_t rows, size_t heads, size_t head_width,
               const float *cosines, const float *sines, float direction);
  void (*swiglu)(float *y, const float *gate_up, size_t rows, size_t width);
  void (*swiglu_backward)(float *dgate_up, const float *dy, const float *gate_up, size_t rows, size_t width);
  void (*add)(float *y, const float *x, size_t count);

  void (*attention)(const ck_attention_shape *shape, const ck_attention_segment *segment, size_t kv_head,
                    size_t first_row, size_t rows, float *scratch);
  void (*attention_backward)(const ck_attention_shape *shape, float *dqkv, const float *qkv, size_t qkv_stride,
                             const float *doutput, size_t output_stride, const ck_attention_sequence *sequence,
                             size_t kv_head, float *scratch);

  ck_score (*score)(const float *logits, size_t width, int32_t token, float temperature);
  void (*score_backward)(float *logits, const ck_score *score, size_t width, int32_t token, float temperature,
                         float dlog_probability, float dentropy);
  int32_t (*argmax)(const float *logits, size_t width);
  int32_t (*draw)(const float *logits, size_t width, float temperature, const ck_score *score, double uniform);
  size_t (*candidates)(const float *logits, size_t width, float temperature, float maximum, float threshold,
                       int32_t *ids, float *weights);

  double (*sum_of_squares)(const float *x, size_t count);
  void (*scale)(float *x, size_t count, float factor);
  void (*adamw)(const ck_adamw_step *step, float *parameters, const float *gradients, float *mean, float *variance,
                size_t count);
} ck_table;

/// Null if this build has no such table.
const ck_table *ck_table_for(int instruction_set);
extern const ck_table ck_table_portable;
#if defined(__x86_64__)
extern const ck_table ck_table_avx2;
extern const ck_table ck_table_avx512;
#endif

/// Query rows (token, head) that attention handles together, and those of its backward pass.
enum { ck_attention_rows = 12, ck_attention_backward_rows = 48 };

static inline size_t ck_round_up(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }
static inline size_t ck_minimum(size_t a, size_t b) { return a < b ? a : b; }

#endif
