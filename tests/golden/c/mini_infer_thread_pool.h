#ifndef MINI_INFER_THREAD_POOL_H
#define MINI_INFER_THREAD_POOL_H
#include <signal.h>
#include <stdint.h>

typedef struct mi_thread_pool mi_thread_pool;

/* What each thread runs; workers count from 0, which is the caller of mi_run. */
typedef void (*mi_task)(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena,
                        mi_thread_pool *pool, long worker);

/* Run the task on every thread; 0, an error code, or -1 where the system gives no more threads. Once `*interrupted` is
   not 0, the next barrier returns -2; the pointer may be null. */
int mi_run(mi_thread_pool *pool, mi_task task, const void *const *inputs, void *const *outputs,
           const uint8_t *constants, uint8_t *arena, const volatile sig_atomic_t *interrupted);

/* Wait for all threads; 0, or the error code that ends the run, the same for all of them. */
int mi_barrier(mi_thread_pool *pool);

/* Report an error code; of several the smallest is kept. The next barrier returns it to all threads. */
void mi_fail(mi_thread_pool *pool, int error);
#endif
