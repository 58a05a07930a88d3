// Sixteen float lanes, whatever the hardware: the compiler splits them where registers are narrower, and every
// operation is exact IEEE, so that all instruction sets give the same bits. Included once for each instruction set.
#ifndef CK_LANES_H
#define CK_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Wide vectors never cross a function that is not inlined, so their calling convention does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define CK_INLINE static inline __attribute__((always_inline))

typedef float lanes __attribute__((vector_size(64)));
typedef float lanes_unaligned __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t int_lanes __attribute__((vector_size(64)));
typedef double wide_lanes __attribute__((vector_size(128)));

CK_INLINE lanes lanes_load(const float *p) { return *(const lanes_unaligned *)p; }
CK_INLINE void lanes_store(float *p, lanes v) { *(lanes_unaligned *)p = v; }
CK_INLINE lanes lanes_splat(float x) { return (lanes){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
CK_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); }

/// The first `count` (< 16) floats, and `fill` in the other lanes.
CK_INLINE lanes lanes_load_part(const float *p, size_t count, float fill) {
  float buffer[16];
  for (size_t i = 0; i < 16; i++) buffer[i] = fill;
  memcpy(buffer, p, count * sizeof(float));
  return lanes_load(buffer);
}
CK_INLINE void lanes_store_part(float *p, lanes v, size_t count) {
  float buffer[16];
  lanes_store(buffer, v);
  memcpy(p, buffer, count * sizeof(float));
}

/// Bitwise choice: a where the mask is all ones, b where it is zero.
CK_INLINE lanes lanes_select(int_lanes mask, lanes a, lanes b) {
  return (lanes)((mask & (int_lanes)a) | (~mask & (int_lanes)b));
}
/// The larger; b where a is NaN.
CK_INLINE lanes lanes_max(lanes a, lanes b) { return lanes_select((int_lanes)(a > b), a, b); }

/// Sum of the lanes by halving: (0+8, …), (0+4, …), (0+2, …), 0+1.
CK_INLINE float lanes_sum(lanes v) {
  float x[16];
  lanes_store(x, v);
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] = x[i] + x[i + half];
  return x[0];
}
CK_INLINE double wide_lanes_sum(wide_lanes v) {
  double x[16];
  memcpy(x, &v, sizeof x);
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] = x[i] + x[i + half];
  return x[0];
}
CK_INLINE float lanes_maximum(lanes v) {
  float x[16];
  lanes_store(x, v);
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] = x[i] > x[i + half] ? x[i] : x[i + half];
  return x[0];
}
CK_INLINE wide_lanes lanes_widen(lanes v) { return __builtin_convertvector(v, wide_lanes); }

/// e^x to about 1 ulp: 2^n · p(r) with n = round(x / ln 2), a degree-6 polynomial on |r| <= ln 2 / 2 (Cephes expf).
/// Exactly 0 below -87.33 (no denormals), +inf above 88.72, NaN for NaN.
CK_INLINE lanes lanes_exp(lanes x) {
  const lanes low = lanes_splat(-87.33f), high = lanes_splat(88.72f);
  const lanes magic = lanes_splat(12582912.0f);  // 1.5 · 2^23: adding it rounds to an integer
  int_lanes under = (int_lanes)(x < low), over = (int_lanes)(x > high);
  lanes clamped = lanes_select(under, low, lanes_select(over, high, x));
  lanes shifted = lanes_fma(clamped, lanes_splat(1.44269504088896341f), magic);
  lanes n = shifted - magic;
  lanes r = lanes_fma(n, lanes_splat(-0.693359375f), clamped);
  r = lanes_fma(n, lanes_splat(2.12194440e-4f), r);
  lanes p = lanes_splat(1.9875691500e-4f);
  p = lanes_fma(p, r, lanes_splat(1.3981999507e-3f));
  p = lanes_fma(p, r, lanes_splat(8.3334519073e-3f));
  p = lanes_fma(p, r, lanes_splat(4.1665795894e-2f));
  p = lanes_fma(p, r, lanes_splat(1.6666665459e-1f));
  p = lanes_fma(p, r, lanes_splat(5.0000001201e-1f));
  p = lanes_fma(p, r * r, r + lanes_splat(1.0f));
  // Scale in two steps, so that n = 128 does not overflow the exponent.
  int_lanes exponent = (int_lanes)shifted - (int_lanes)magic;
  int_lanes half = exponent >> 1;
  lanes scaled = p * (lanes)((half + 127) << 23) * (lanes)((exponent - half + 127) << 23);
  scaled = lanes_select(under, lanes_splat(0.0f), scaled);
  return lanes_select(over, lanes_splat(INFINITY), scaled);
}

/// 1 / (1 + e^-x).
CK_INLINE lanes lanes_sigmoid(lanes x) { return lanes_splat(1.0f) / (lanes_splat(1.0f) + lanes_exp(-x)); }

#endif
