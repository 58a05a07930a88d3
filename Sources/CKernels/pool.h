// The thread pool, as the kernels see it.
#ifndef CK_POOL_H
#define CK_POOL_H

#include "CKernels.h"
#include "table.h"

/// One piece of work: `index` in [0, count), `worker` in [0, threads).
typedef void ck_task(void *context, size_t index, size_t worker);

/// Runs task(context, i, worker) for every i in [0, count); returns when all are done. Which worker takes which piece
/// varies, so pieces must write disjoint memory and not depend on their worker.
void ck_pool_run(ck_pool *pool, size_t count, ck_task *task, void *context);

const ck_table *ck_pool_table(const ck_pool *pool);

/// Pieces of at least `minimum` items that `items` are cut into, at most four for each thread.
size_t ck_pool_pieces(const ck_pool *pool, size_t items, size_t minimum);

static inline size_t ck_piece_start(size_t items, size_t pieces, size_t index) { return items * index / pieces; }

#endif
