// Tensor formats of GGUF and safetensors to float32. Layouts as in ggml's block_q8_0, block_q4_0 and block_q4_1
// (github.com/ggml-org/ggml, src/ggml-common.h): little endian, blocks of 32 values.
#include <math.h>
#include <string.h>

#include "CKernels.h"

static float half_to_float(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 0x3ff;
  if (exponent == 0) {  // zero and denormals: mantissa · 2^-24
    const float value = (float)mantissa * 0x1p-24f;
    return sign ? -value : value;
  }
  const uint32_t bits = sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | mantissa << 13;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint16_t read_u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

void ck_from_f16(float *y, const void *x, size_t count) {
  const uint8_t *p = x;
  for (size_t i = 0; i < count; i++) y[i] = half_to_float(read_u16(p + 2 * i));
}

void ck_from_bf16(float *y, const void *x, size_t count) {
  const uint8_t *p = x;
  for (size_t i = 0; i < count; i++) {
    const uint32_t bits = (uint32_t)read_u16(p + 2 * i) << 16;
    memcpy(y + i, &bits, sizeof bits);
  }
}

/// {f16 scale; int8 q[32]}: scale · q.
void ck_from_q8_0(float *y, const void *x, size_t count) {
  const uint8_t *p = x;
  for (size_t b = 0; b < count / 32; b++, p += 34, y += 32) {
    const float scale = half_to_float(read_u16(p));
    for (int i = 0; i < 32; i++) y[i] = (float)(int8_t)p[2 + i] * scale;
  }
}

/// {f16 scale; 16 bytes}: low nibbles are values 0-15, high nibbles 16-31; scale · (q - 8).
void ck_from_q4_0(float *y, const void *x, size_t count) {
  const uint8_t *p = x;
  for (size_t b = 0; b < count / 32; b++, p += 18, y += 32) {
    const float scale = half_to_float(read_u16(p));
    for (int i = 0; i < 16; i++) {
      y[i] = (float)((p[2 + i] & 15) - 8) * scale;
      y[i + 16] = (float)((p[2 + i] >> 4) - 8) * scale;
    }
  }
}

/// {f16 scale; f16 minimum; 16 bytes}: scale · q + minimum.
void ck_from_q4_1(float *y, const void *x, size_t count) {
  const uint8_t *p = x;
  for (size_t b = 0; b < count / 32; b++, p += 20, y += 32) {
    const float scale = half_to_float(read_u16(p)), minimum = half_to_float(read_u16(p + 2));
    for (int i = 0; i < 16; i++) {
      y[i] = (float)(p[4 + i] & 15) * scale + minimum;
      y[i + 16] = (float)(p[4 + i] >> 4) * scale + minimum;
    }
  }
}
