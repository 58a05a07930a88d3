// Every kernel, compiled for the instruction set of the including file, and their table CK_TABLE.
#ifndef CK_ALL_KERNELS_H
#define CK_ALL_KERNELS_H

#include "attention_kernel.h"
#include "optimizer_kernels.h"
#include "product_kernel.h"
#include "row_kernels.h"
#include "score_kernels.h"

const ck_table CK_TABLE = {
    .product = product,
    .pack = pack,
    .rms_norm = rms_norm,
    .rms_norm_backward = rms_norm_backward,
    .rms_norm_weight = rms_norm_weight,
    .rope = rope,
    .swiglu = swiglu,
    .swiglu_backward = swiglu_backward,
    .add = add,
    .attention = attention,
    .attention_backward = attention_backward,
    .score = score,
    .score_backward = score_backward,
    .argmax = argmax,
    .draw = draw,
    .candidates = candidates,
    .sum_of_squares = sum_of_squares,
    .scale = scale,
    .adamw = adamw,
};

#endif
