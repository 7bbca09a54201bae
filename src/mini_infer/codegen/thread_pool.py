"""A thread pool in C: threads that run one program in parallel, and sleep between runs.

The thread that calls an engine is worker 0; the other workers are spawned at the first run and sleep until the next.
All of them run the same function, each its own range of every step that is worth several threads, and wait at a barrier
where a step depends on what another worker wrote (a sense-reversing barrier, the sense being a generation count).

A wait spins on a word in memory for a while (`BARRIER_SPINS` times in a barrier, `IDLE_SPINS` between runs, yielding
the processor now and then), then blocks on a condition variable. Whoever changes the word wakes the blocked threads, if
there are any. Nothing is allocated after the first run.

A pool is memory of the caller, all zeros at first. It knows the process that its threads belong to: in a forked child
it spawns threads of its own. The text is C11 with POSIX or Windows threads; nothing else is asked of the system, and a
program of one thread has none of it.
"""

from mini_infer.program.abi import INTERRUPTED, SHUTDOWN, THREAD_POOL_BYTES

HEADER_NAME = "mini_infer_thread_pool.h"
SOURCE_NAME = "mini_infer_thread_pool.c"
HEADER = """\
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
"""

_SOURCE = """\
#define _POSIX_C_SOURCE 200809L
#include <stdatomic.h>
#include "mini_infer_thread_pool.h"

enum { THREADS = @THREADS@, BARRIER_SPINS = 4000, IDLE_SPINS = 1000 };

#if defined(_WIN32)
#define MI_EXPORT __declspec(dllexport)
#define MI_SYSTEM(result) __declspec(dllimport) result __stdcall
typedef struct { void *state; } mi_word;
typedef mi_word mi_mutex, mi_condition;
typedef void *mi_thread;
MI_SYSTEM(void) AcquireSRWLockExclusive(mi_mutex *mutex);
MI_SYSTEM(void) ReleaseSRWLockExclusive(mi_mutex *mutex);
MI_SYSTEM(int) SleepConditionVariableSRW(mi_condition *condition, mi_mutex *mutex, unsigned long milliseconds,
                                         unsigned long flags);
MI_SYSTEM(void) WakeAllConditionVariable(mi_condition *condition);
MI_SYSTEM(int) SwitchToThread(void);
MI_SYSTEM(void *) CreateThread(void *security, uintptr_t stack, unsigned long(__stdcall *start)(void *), void *argument,
                               unsigned long flags, unsigned long *id);
MI_SYSTEM(unsigned long) WaitForSingleObject(void *object, unsigned long milliseconds);
MI_SYSTEM(int) CloseHandle(void *object);
#else
#define MI_EXPORT __attribute__((visibility("default")))
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
typedef pthread_mutex_t mi_mutex;
typedef pthread_cond_t mi_condition;
typedef pthread_t mi_thread;
#endif

typedef struct {
    mi_thread_pool *pool;
    long index;
    mi_thread thread;
} mi_worker;

struct mi_thread_pool {
    _Alignas(64) atomic_uint runs;       /* begun so far */
    _Alignas(64) atomic_uint arrived;    /* threads at the current barrier */
    _Alignas(64) atomic_uint generation; /* barriers completed so far */
    _Alignas(64) atomic_uint blocked;    /* threads that must be woken */
    atomic_int error;                    /* reported so far */
    int result;                          /* of the last barrier, the same for all threads */
    int shutting_down;
    long process;                        /* whose threads these are; 0: none yet */
    mi_task task;
    const void *const *inputs;
    void *const *outputs;
    const uint8_t *constants;
    uint8_t *arena;
    const volatile sig_atomic_t *interrupted;
    mi_mutex mutex;
    mi_condition condition;
    mi_worker workers[THREADS - 1];
};

/* What differs between systems. */
#if defined(_WIN32)
static long mi_process(void) { return 1; } /* Windows does not fork */
static void mi_prepare(mi_thread_pool *pool) { (void)pool; } /* zeros are a mutex and a condition variable */
static void mi_lock(mi_thread_pool *pool) { AcquireSRWLockExclusive(&pool->mutex); }
static void mi_unlock(mi_thread_pool *pool) { ReleaseSRWLockExclusive(&pool->mutex); }
static void mi_wait(mi_thread_pool *pool) { SleepConditionVariableSRW(&pool->condition, &pool->mutex, 0xffffffffu, 0); }
static void mi_wake_all(mi_thread_pool *pool) { WakeAllConditionVariable(&pool->condition); }
static void mi_yield(void) { SwitchToThread(); }
static void mi_worker_loop(mi_worker *worker);
static unsigned long __stdcall mi_start(void *worker) {
    mi_worker_loop(worker);
    return 0;
}
static int mi_spawn(mi_worker *worker) {
    worker->thread = CreateThread(0, 0, mi_start, worker, 0, 0);
    return worker->thread != 0;
}
static void mi_join(mi_worker *worker) {
    WaitForSingleObject(worker->thread, 0xffffffffu);
    CloseHandle(worker->thread);
}
#else
static long mi_process(void) { return (long)getpid(); }
static void mi_prepare(mi_thread_pool *pool) {
    pthread_mutex_init(&pool->mutex, 0);
    pthread_cond_init(&pool->condition, 0);
}
static void mi_lock(mi_thread_pool *pool) { pthread_mutex_lock(&pool->mutex); }
static void mi_unlock(mi_thread_pool *pool) { pthread_mutex_unlock(&pool->mutex); }
static void mi_wait(mi_thread_pool *pool) { pthread_cond_wait(&pool->condition, &pool->mutex); }
static void mi_wake_all(mi_thread_pool *pool) { pthread_cond_broadcast(&pool->condition); }
static void mi_yield(void) { sched_yield(); }
static void mi_worker_loop(mi_worker *worker);
static void *mi_start(void *worker) {
    mi_worker_loop(worker);
    return 0;
}
static int mi_spawn(mi_worker *worker) { /* signals are left to the caller */
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    const int failed = pthread_create(&worker->thread, 0, mi_start, worker);
    pthread_sigmask(SIG_SETMASK, &previous, 0);
    return !failed;
}
static void mi_join(mi_worker *worker) { pthread_join(worker->thread, 0); }
#endif

static void mi_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb"); /* yield is no pause there */
#endif
}

/* Spin, then block, until the word is no longer `old`. */
static void mi_wait_while(mi_thread_pool *pool, atomic_uint *word, unsigned old, int spins) {
    for (int spin = 1; spin <= spins; ++spin) {
        if (atomic_load_explicit(word, memory_order_acquire) != old) return;
        if (spin % 256) mi_pause();
        else mi_yield();
    }
    /* Sequentially consistent: mi_increment sees the blocked thread, or this thread sees the word changed. */
    mi_lock(pool);
    atomic_fetch_add(&pool->blocked, 1);
    while (atomic_load(word) == old) mi_wait(pool);
    atomic_fetch_sub(&pool->blocked, 1);
    mi_unlock(pool);
}

/* Change a word, and wake the threads that wait for that. */
static void mi_increment(mi_thread_pool *pool, atomic_uint *word) {
    atomic_fetch_add(word, 1);
    if (atomic_load(&pool->blocked)) {
        mi_lock(pool);
        mi_wake_all(pool);
        mi_unlock(pool);
    }
}

static void mi_worker_loop(mi_worker *worker) {
    mi_thread_pool *const pool = worker->pool;
    for (unsigned run = 0;; ++run) {
        mi_wait_while(pool, &pool->runs, run, IDLE_SPINS);
        if (pool->shutting_down) return;
        pool->task(pool->inputs, pool->outputs, pool->constants, pool->arena, pool, worker->index);
        mi_barrier(pool);
    }
}

static void mi_join_all(mi_thread_pool *pool, long workers) {
    pool->shutting_down = 1;
    mi_increment(pool, &pool->runs);
    for (long i = 0; i < workers; ++i) mi_join(&pool->workers[i]);
    pool->process = 0;
}

/* Spawn the threads: at the first run, and in a forked child, which has the memory of a pool but not its threads. */
static int mi_spawn_all(mi_thread_pool *pool) {
    __builtin_memset(pool, 0, sizeof *pool);
    mi_prepare(pool);
    for (long i = 0; i < THREADS - 1; ++i) {
        mi_worker *const worker = &pool->workers[i];
        worker->pool = pool;
        worker->index = i + 1;
        if (!mi_spawn(worker)) {
            mi_join_all(pool, i);
            return 0;
        }
    }
    pool->process = mi_process();
    return 1;
}

int mi_run(mi_thread_pool *pool, mi_task task, const void *const *inputs, void *const *outputs,
           const uint8_t *constants, uint8_t *arena, const volatile sig_atomic_t *interrupted) {
    if (pool->process != mi_process() && !mi_spawn_all(pool)) return -1;
    pool->task = task;
    pool->inputs = inputs;
    pool->outputs = outputs;
    pool->constants = constants;
    pool->arena = arena;
    pool->interrupted = interrupted;
    atomic_store_explicit(&pool->error, 0, memory_order_relaxed);
    mi_increment(pool, &pool->runs);
    task(inputs, outputs, constants, arena, pool, 0);
    return mi_barrier(pool);
}

int mi_barrier(mi_thread_pool *pool) {
    const unsigned generation = atomic_load_explicit(&pool->generation, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&pool->arrived, 1, memory_order_acq_rel) == THREADS - 1) {
        atomic_store_explicit(&pool->arrived, 0, memory_order_relaxed);
        if (pool->interrupted && *pool->interrupted) mi_fail(pool, @INTERRUPTED@);
        pool->result = atomic_load_explicit(&pool->error, memory_order_relaxed);
        mi_increment(pool, &pool->generation);
    } else {
        mi_wait_while(pool, &pool->generation, generation, BARRIER_SPINS);
    }
    return pool->result;
}

void mi_fail(mi_thread_pool *pool, int error) {
    int known = atomic_load_explicit(&pool->error, memory_order_relaxed);
    while ((!known || error < known) && !atomic_compare_exchange_weak(&pool->error, &known, error)) {
    }
}

MI_EXPORT const long @THREAD_POOL_BYTES@ = (long)sizeof(mi_thread_pool);

/* Join the threads, if this process has spawned any; a later run spawns new ones. */
MI_EXPORT void @SHUTDOWN@(mi_thread_pool *pool) {
    if (pool->process == mi_process()) mi_join_all(pool, THREADS - 1);
}
"""


_FUNCTIONS = ("mi_run", "mi_barrier", "mi_fail", SHUTDOWN, THREAD_POOL_BYTES)
"""What other files see of a pool."""


def header(prefix: str = "") -> str:
    """Return the header, in which what is seen of the pool is called with a prefix."""
    renamed = "".join(f"#define {name} {prefix}{name}\n" for name in _FUNCTIONS) if prefix else ""
    return HEADER.replace("#include <signal.h>\n", f"{renamed}#include <signal.h>\n")


def source(threads: int, *, whole: bool = False, exported: bool = True) -> str:
    """Return the C of a pool of so many threads, the caller included; at least 2. A `whole` one needs no header.

    One that is not `exported` is for the other files of its library alone.
    """
    values = {
        "THREADS": threads,
        "THREAD_POOL_BYTES": THREAD_POOL_BYTES,
        "SHUTDOWN": SHUTDOWN,
        "INTERRUPTED": INTERRUPTED,
    }
    text = _SOURCE.replace(f'#include "{HEADER_NAME}"\n', HEADER) if whole else _SOURCE
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text if exported else text.replace("\nMI_EXPORT ", "\n")
