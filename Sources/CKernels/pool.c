// A fixed pool of threads with one job at a time.
//
// Workers spin briefly between jobs, since a decoding step is some hundred short jobs, and sleep after that. A job is
// open to workers through one atomic word, so a worker that the system did not schedule in time never delays it.
#define _GNU_SOURCE
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { spin_limit = 4000, join_spin_limit = 20000, maximum_threads = 1024 };

// `state`: bits 0-15 workers inside the job, bit 16 job open, bits 17-63 job number.
#define OPEN ((uint64_t)1 << 16)
#define ACTIVE_MASK (OPEN - 1)
#define JOB(state) ((state) >> 17)

typedef struct {
  ck_pool *pool;
  size_t index;
} worker_start;

struct ck_pool {
  _Atomic uint64_t state;
  _Atomic size_t next;
  size_t count;
  ck_task *task;
  void *context;
  char padding[64];

  size_t threads;
  int instruction_set;
  const ck_table *table;
  atomic_flag busy;
  _Atomic int sleepers;
  _Atomic int stopping;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  pthread_t *handles;
  worker_start *starts;
};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void work(ck_pool *pool, size_t worker) {
  for (;;) {
    size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (index >= pool->count) return;
    pool->task(pool->context, index, worker);
  }
}

/// Waits for a job other than `seen` to open and enters it; 0 when the pool stops.
static uint64_t enter(ck_pool *pool, uint64_t seen) {
  for (size_t spins = 0;; spins++) {
    uint64_t state = atomic_load_explicit(&pool->state, memory_order_acquire);
    if (JOB(state) != seen && (state & OPEN)) {
      if (atomic_compare_exchange_weak_explicit(&pool->state, &state, state + 1, memory_order_acquire,
                                                memory_order_relaxed))
        return JOB(state);
      continue;
    }
    if (atomic_load_explicit(&pool->stopping, memory_order_relaxed)) return 0;
    if (spins < spin_limit) {
      relax();
      continue;
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    for (;;) {
      state = atomic_load(&pool->state);
      if ((JOB(state) != seen && (state & OPEN)) || atomic_load(&pool->stopping)) break;
      pthread_cond_wait(&pool->wake, &pool->mutex);
    }
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
    spins = 0;
  }
}

static void *worker_main(void *argument) {
  worker_start start = *(worker_start *)argument;
  uint64_t seen = 0;
  while ((seen = enter(start.pool, seen)) != 0) {
    work(start.pool, start.index);
    atomic_fetch_sub_explicit(&start.pool->state, 1, memory_order_release);
  }
  return NULL;
}

static void wake_all(ck_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
}

void ck_pool_run(ck_pool *pool, size_t count, ck_task *task, void *context) {
  if (pool->threads == 1 || count <= 1 || atomic_flag_test_and_set_explicit(&pool->busy, memory_order_acquire)) {
    for (size_t i = 0; i < count; i++) task(context, i, 0);
    return;
  }
  pool->count = count;
  pool->task = task;
  pool->context = context;
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  uint64_t job = JOB(atomic_load_explicit(&pool->state, memory_order_relaxed)) + 1;
  // Sequentially consistent with the workers' "count myself as a sleeper, then look again".
  atomic_store(&pool->state, (job << 17) | OPEN);
  if (atomic_load(&pool->sleepers) > 0) wake_all(pool);

  work(pool, 0);

  atomic_fetch_and_explicit(&pool->state, ~OPEN, memory_order_relaxed);
  for (size_t spins = 0; atomic_load_explicit(&pool->state, memory_order_acquire) & ACTIVE_MASK; spins++) {
    if (spins < join_spin_limit)
      relax();
    else
      sched_yield();
  }
  atomic_flag_clear_explicit(&pool->busy, memory_order_release);
}

size_t ck_available_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    int count = CPU_COUNT(&set);
    if (count > 0) return (size_t)count;
  }
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (size_t)online : 1;
}

ck_pool *ck_pool_create(size_t threads, int instruction_set) {
  if (threads == 0 || threads > maximum_threads) return NULL;
  if (instruction_set < ck_portable || instruction_set > ck_best_instruction_set()) return NULL;
  ck_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->instruction_set = instruction_set;
  pool->table = ck_table_for(instruction_set);
  pool->handles = calloc(threads, sizeof *pool->handles);
  pool->starts = calloc(threads, sizeof *pool->starts);
  atomic_flag_clear(&pool->busy);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->threads = 1;
  if (!pool->handles || !pool->starts) {
    ck_pool_destroy(pool);
    return NULL;
  }
  for (size_t i = 1; i < threads; i++) {
    pool->starts[i] = (worker_start){pool, i};
    if (pthread_create(&pool->handles[i], NULL, worker_main, &pool->starts[i]) != 0) {
      ck_pool_destroy(pool);
      return NULL;
    }
    pool->threads++;
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->stopping, 1);
  wake_all(pool);
  for (size_t i = 1; i < pool->threads; i++) pthread_join(pool->handles[i], NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->handles);
  free(pool->starts);
  free(pool);
}

size_t ck_pool_threads(const ck_pool *pool) { return pool->threads; }
int ck_pool_instruction_set(const ck_pool *pool) { return pool->instruction_set; }
const ck_table *ck_pool_table(const ck_pool *pool) { return pool->table; }

size_t ck_pool_pieces(const ck_pool *pool, size_t items, size_t minimum) {
  size_t pieces = items / (minimum ? minimum : 1);
  size_t most = pool->threads * 4;
  if (pieces > most) pieces = most;
  return pieces ? pieces : 1;
}
