// Numeric kernels of the language model: one packed matrix product for forward and backward, attention over paged
// keys and values, row operations, sampling and AdamW.
//
// Determinism. Every output element of a product is one chain of fused multiply-adds in the order k = 0 … K-1, and
// every reduction over a row uses a fixed tree of 16 lanes. So the bits of a row depend on the row and the weights
// alone: not on the batch around it, the number of threads, or the instruction set (AVX-512, AVX2 and portable C
// agree bit for bit).
//
// All matrices are row major float32; strides count elements. Nothing here allocates except `ck_pool_create`.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Columns in a packed panel, and positions in a page of the key-value cache.
enum { ck_panel_width = 32 };

// ---------------------------------------------------------------------------------------------------- threads

/// A fixed pool of threads. The calling thread takes part. One caller at a time uses a pool; a second concurrent
/// caller runs its work alone, with the same result.
typedef struct ck_pool ck_pool;

/// Instruction sets, weakest first. `ck_best_instruction_set` says what this CPU can run.
enum { ck_portable = 0, ck_avx2 = 1, ck_avx512 = 2 };
int ck_best_instruction_set(void);
/// The published name of an instruction set, e.g. "avx512".
const char *ck_instruction_set_name(int instruction_set);

/// Cores that this process may run on.
size_t ck_available_cores(void);

/// Starts `threads - 1` workers. Null if a thread cannot be started or `instruction_set` is not supported here.
ck_pool *ck_pool_create(size_t threads, int instruction_set);
void ck_pool_destroy(ck_pool *pool);
size_t ck_pool_threads(const ck_pool *pool);
int ck_pool_instruction_set(const ck_pool *pool);

// ---------------------------------------------------------------------------------------------------- product

/// Floats that `n` columns of depth `k` take when packed: ceil(n / 32) panels of [k][32].
size_t ck_packed_count(size_t n, size_t k);

/// Packs columns [first_column, first_column + n) of a panel store of depth k.
/// packed[c / 32][i][c % 32] = source[(c - first_column) * column_stride + i * k_stride]; one of the strides is 1.
/// Lanes beyond the last column of the last panel are set to zero.
void ck_pack(ck_pool *pool, float *packed, size_t first_column, const float *source, size_t column_stride,
             size_t k_stride, size_t n, size_t k);

/// Y (m, n) = start + X (m, k) · B; B packed, (k, n). Each sum's chain begins at start, which lies like Y (and may be
/// Y, to accumulate), or at zero if start is null.
/// X's element (i, j) is x[i * row_stride + j * k_stride]; one of the two strides must be 1.
void ck_product(ck_pool *pool, float *y, size_t y_stride, const float *x, size_t row_stride, size_t k_stride, size_t m,
                const float *packed, size_t n, size_t k, const float *start);

// ---------------------------------------------------------------------------------------------------- rows

/// y[i] = x[rows[i]]: gathers `count` rows of `width` floats (embedding lookup, loss rows).
void ck_gather_rows(ck_pool *pool, float *y, const float *x, const int32_t *rows, size_t count, size_t width);
/// y[rows[i]] += x[i], i in ascending order for every target row.
void ck_scatter_add_rows(ck_pool *pool, float *y, const float *x, const int32_t *rows, size_t count, size_t width);

/// y = x / sqrt(mean(x²) + epsilon) * weight, for each of `rows` rows.
void ck_rms_norm(ck_pool *pool, float *y, const float *x, const float *weight, size_t rows, size_t width,
                 float epsilon);
/// Adds to dx and dweight; `inverse` is scratch of `rows` floats.
void ck_rms_norm_backward(ck_pool *pool, float *dx, float *dweight, const float *dy, const float *x,
                          const float *weight, float *inverse, size_t rows, size_t width, float epsilon);

/// Rotates pairs (i, i + head_width / 2) of `heads` consecutive heads in each row, in place, by the angle table
/// [position][head_width / 2] of cosines and sines; `direction` is +1, or -1 for the backward pass.
void ck_rope(ck_pool *pool, float *x, size_t row_stride, const int32_t *positions, size_t rows, size_t heads,
             size_t head_width, const float *cosines, const float *sines, float direction);

/// y = silu(gate) * up; gate and up are the halves of rows of 2 * width.
void ck_swiglu(ck_pool *pool, float *y, const float *gate_up, size_t rows, size_t width);
/// Overwrites dgate_up with the gradient at gate and up, given dy.
void ck_swiglu_backward(ck_pool *pool, float *dgate_up, const float *dy, const float *gate_up, size_t rows,
                        size_t width);

// ---------------------------------------------------------------------------------------------------- attention

/// Grouped-query attention. Query head h reads key-value head h / (heads / kv_heads).
/// A page holds 32 positions: keys of one key-value head as [head_width][32], at key_offset + head * head_width * 32;
/// values as [32][value_width], at value_offset + head * 32 * value_width, where value_width is head_width rounded up
/// to 32 and the padding is zero.
typedef struct {
  size_t heads, kv_heads, head_width, value_width;
  size_t key_offset, value_offset;
  float scale;
} ck_attention_shape;

/// Consecutive query tokens of one sequence; token i stands at position first_position + i and sees keys up to it.
typedef struct {
  const float *query;    // (tokens, heads * head_width), row stride query_stride
  float *output;         // (tokens, heads * head_width), row stride output_stride
  float *const *pages;   // ceil((first_position + tokens) / 32) pages
  size_t query_stride, output_stride, first_position, tokens;
} ck_attention_segment;

/// Copies keys and values of `tokens` rows to positions first_position… of the segment's pages.
typedef struct {
  const float *key, *value;  // (tokens, kv_heads * head_width), row stride `stride`
  float *const *pages;
  size_t stride, first_position, tokens;
} ck_cache_rows;
void ck_cache_write(ck_pool *pool, const ck_attention_shape *shape, const ck_cache_rows *segments, size_t count);

/// Scratch floats for `ck_attention` whose longest segment ends at `context` positions.
size_t ck_attention_scratch(const ck_pool *pool, const ck_attention_shape *shape, size_t context);
void ck_attention(ck_pool *pool, const ck_attention_shape *shape, const ck_attention_segment *segments, size_t count,
                  float *scratch);

/// One training sequence whose keys at position p stand in row rows[p] of qkv = [queries | keys | values].
/// Its own queries are those of positions [first_own, length); the others belong to sequences it shares them with.
typedef struct {
  const int32_t *rows;
  size_t first_own, length;
  float *key_value_gradients;  // scratch (2, kv_heads, length, value_width), overwritten
} ck_attention_sequence;

/// Gathers keys and values of every sequence from qkv rows into its pages (`pages` as in ck_attention_segment).
void ck_attention_fill(ck_pool *pool, const ck_attention_shape *shape, const float *qkv, size_t qkv_stride,
                       const ck_attention_sequence *sequences, float *const *const *pages, size_t count);

size_t ck_attention_backward_scratch(const ck_pool *pool, const ck_attention_shape *shape, size_t context);
/// Overwrites dqkv (rows of qkv_stride floats, `row_count` of them) given doutput (rows of output_stride floats).
/// Probabilities are recomputed. Contributions to a shared key or value are added in sequence order.
void ck_attention_backward(ck_pool *pool, const ck_attention_shape *shape, float *dqkv, const float *qkv,
                           size_t qkv_stride, size_t row_count, const float *doutput, size_t output_stride,
                           const ck_attention_sequence *sequences, size_t count, float *scratch);

// ---------------------------------------------------------------------------------------------------- scores

/// log softmax(logits / T)[token] and the entropy of softmax(logits / T), natural logarithms.
typedef struct {
  float log_probability, entropy;
  float maximum;         // of logits / T
  double normalizer;     // sum of exp(logits / T - maximum)
} ck_score;

/// Scores rows of `width` logits; tokens[i] must be below width.
void ck_score_rows(ck_pool *pool, ck_score *scores, const float *logits, size_t rows, size_t width,
                   const int32_t *tokens, float temperature);
/// Replaces logits by the gradient of Σ dlog_probability · log_probability + dentropy · entropy (dentropy may be null).
void ck_score_rows_backward(ck_pool *pool, float *logits, const ck_score *scores, size_t rows, size_t width,
                            const int32_t *tokens, float temperature, const float *dlog_probability,
                            const float *dentropy);
/// The same score of a single row, on the calling thread.
ck_score ck_score_row(const ck_pool *pool, const float *logits, size_t width, int32_t token, float temperature);

/// log_probability of another token of the row that `score` belongs to, to the bit what ck_score_row gives for it.
float ck_log_probability(const ck_score *score, float logit, float temperature);

/// Index of the largest logit, the lowest index among equals; NaN never wins. -1 if all are NaN or width is 0.
int32_t ck_argmax(const ck_pool *pool, const float *logits, size_t width);
/// The token at which the cumulative weight exp(logits / T - maximum), in id order, passes uniform * normalizer.
int32_t ck_draw(const ck_pool *pool, const float *logits, size_t width, float temperature, const ck_score *score,
                double uniform);
/// Writes ids and weights exp(logits / T - maximum) of tokens with weight >= threshold, in id order. Returns the count,
/// at most width.
size_t ck_candidates(const ck_pool *pool, const float *logits, size_t width, float temperature, float maximum,
                     float threshold, int32_t *ids, float *weights);

// ---------------------------------------------------------------------------------------------------- optimizer

/// Σ x², in double, in a fixed order. Not finite if any element is not. `partial` is scratch of ceil(count / 65536).
double ck_sum_of_squares(ck_pool *pool, const float *x, size_t count, double *partial);
void ck_scale(ck_pool *pool, float *x, size_t count, float factor);

typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay;
  float bias1, bias2;      // 1 - beta^step
  float gradient_scale;    // applied to every gradient first (clipping)
} ck_adamw_step;
/// Loshchilov & Hutter 2019 (arXiv 1711.05101), in the order of operations of torch.optim.AdamW.
void ck_adamw(ck_pool *pool, const ck_adamw_step *step, float *parameters, const float *gradients, float *mean,
              float *variance, size_t count);

// ---------------------------------------------------------------------------------------------------- tensor files

/// Block-quantised and 16-bit tensors to float32. `count` is a multiple of the block (32), or any count for 16 bits.
void ck_from_f16(float *y, const void *x, size_t count);
void ck_from_bf16(float *y, const void *x, size_t count);
void ck_from_q8_0(float *y, const void *x, size_t count);
void ck_from_q4_0(float *y, const void *x, size_t count);
void ck_from_q4_1(float *y, const void *x, size_t count);

#ifdef __cplusplus
}
#endif
#endif
