"""Threads in C: a team that runs one program together, parked between runs.

The thread that calls an engine works too, as number 0; the others, its team, are made at the first run and sleep until
the next. All of them run the same function, each its own share of every step that is worth sharing, and meet where a
step needs what another one's share wrote (a sense-reversing barrier, the sense being a count).

Waiting is watching a word in memory: a little while (`_PATIENCE` glances during a run, `_IDLE` after one, with the
processor offered to others now and then), then asleep on a condition variable. Who changes the word wakes the
sleepers, if there are any. Nothing is allocated after the first run.

A team is memory of the caller, all zeros at first. It knows the process that its threads belong to: in a forked child
it starts again with threads of its own. The text is C11 with POSIX or Windows threads; nothing else is asked of the
system, and a program of one thread has none of it.
"""

from mini_infer.codegen.stop import STOPPED

HEADER_NAME = "mini_infer_team.h"
SOURCE_NAME = "mini_infer_team.c"
DISBAND = "mini_infer_disband"
"""The exported function that ends a team's threads: `void mini_infer_disband(mi_team *)`."""
TEAM_BYTES = "mini_infer_team_bytes"
"""The exported `const long`: bytes of a team. It starts at a multiple of 64."""

_PATIENCE = 4000
_IDLE = 1000

HEADER = """\
#ifndef MINI_INFER_TEAM_H
#define MINI_INFER_TEAM_H
#include <signal.h>
#include <stdint.h>

typedef struct mi_team mi_team;

/* What each thread runs; worker counts from 0, who is the caller of mi_run. */
typedef void (*mi_share)(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena,
                         mi_team *team, long worker);

/* Run the share of every thread; 0, a fault, or -1 where the system gives no more threads. Once `*stop` is not 0, the
   fault at the next meeting is -2; there may be no such flag. */
int mi_run(mi_team *team, mi_share share, const void *const *inputs, void *const *outputs, const uint8_t *constants,
           uint8_t *arena, const volatile sig_atomic_t *stop);

/* Wait until every thread is here; 0, or the fault that ends the run: then all of them return. */
int mi_meet(mi_team *team);

/* Report a fault; of several the smallest is kept. The next mi_meet tells all threads. */
void mi_fail(mi_team *team, int fault);
#endif
"""

_SOURCE = """\
#define _POSIX_C_SOURCE 200809L
#include <stdatomic.h>
#include "mini_infer_team.h"

enum { THREADS = @THREADS@, PATIENCE = @PATIENCE@, IDLE = @IDLE@ };

#if defined(_WIN32)
#define MI_EXPORT __declspec(dllexport)
#define MI_SYSTEM(result) __declspec(dllimport) result __stdcall
typedef struct { void *state; } mi_word;
typedef mi_word mi_lock, mi_bell;
typedef void *mi_thread;
MI_SYSTEM(void) AcquireSRWLockExclusive(mi_lock *lock);
MI_SYSTEM(void) ReleaseSRWLockExclusive(mi_lock *lock);
MI_SYSTEM(int) SleepConditionVariableSRW(mi_bell *bell, mi_lock *lock, unsigned long milliseconds, unsigned long flags);
MI_SYSTEM(void) WakeAllConditionVariable(mi_bell *bell);
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
typedef pthread_mutex_t mi_lock;
typedef pthread_cond_t mi_bell;
typedef pthread_t mi_thread;
#endif

typedef struct {
    mi_team *team;
    long worker;
    mi_thread thread;
} mi_member;

struct mi_team {
    _Alignas(64) atomic_uint runs;     /* that have begun */
    _Alignas(64) atomic_uint arrived;  /* threads at the meeting that is not over yet */
    _Alignas(64) atomic_uint meetings; /* that are over */
    _Alignas(64) atomic_uint asleep;   /* threads that must be woken */
    atomic_int fault;                  /* reported so far */
    int outcome;                       /* the fault at the last meeting: the same for all who were there */
    int leaving;
    long process;                      /* whose threads these are; 0: none yet */
    mi_share share;
    const void *const *inputs;
    void *const *outputs;
    const uint8_t *constants;
    uint8_t *arena;
    const volatile sig_atomic_t *stop;
    mi_lock lock;
    mi_bell bell;
    mi_member members[THREADS - 1];
};

/* The system's part. */
#if defined(_WIN32)
static long mi_process(void) { return 1; } /* Windows does not fork */
static void mi_prepare(mi_team *team) { (void)team; } /* zeros are a lock and a condition variable */
static void mi_enter(mi_team *team) { AcquireSRWLockExclusive(&team->lock); }
static void mi_leave(mi_team *team) { ReleaseSRWLockExclusive(&team->lock); }
static void mi_sleep(mi_team *team) { SleepConditionVariableSRW(&team->bell, &team->lock, 0xffffffffu, 0); }
static void mi_wake(mi_team *team) { WakeAllConditionVariable(&team->bell); }
static void mi_yield(void) { SwitchToThread(); }
static void mi_work(mi_member *member);
static unsigned long __stdcall mi_start(void *member) {
    mi_work(member);
    return 0;
}
static int mi_begin(mi_member *member) {
    member->thread = CreateThread(0, 0, mi_start, member, 0, 0);
    return member->thread != 0;
}
static void mi_end(mi_member *member) {
    WaitForSingleObject(member->thread, 0xffffffffu);
    CloseHandle(member->thread);
}
#else
static long mi_process(void) { return (long)getpid(); }
static void mi_prepare(mi_team *team) {
    pthread_mutex_init(&team->lock, 0);
    pthread_cond_init(&team->bell, 0);
}
static void mi_enter(mi_team *team) { pthread_mutex_lock(&team->lock); }
static void mi_leave(mi_team *team) { pthread_mutex_unlock(&team->lock); }
static void mi_sleep(mi_team *team) { pthread_cond_wait(&team->bell, &team->lock); }
static void mi_wake(mi_team *team) { pthread_cond_broadcast(&team->bell); }
static void mi_yield(void) { sched_yield(); }
static void mi_work(mi_member *member);
static void *mi_start(void *member) {
    mi_work(member);
    return 0;
}
static int mi_begin(mi_member *member) { /* signals are the caller's business */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int refused = pthread_create(&member->thread, 0, mi_start, member);
    pthread_sigmask(SIG_SETMASK, &before, 0);
    return !refused;
}
static void mi_end(mi_member *member) { pthread_join(member->thread, 0); }
#endif

static void mi_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb"); /* yield is no pause there */
#endif
}

/* Wait until the word is no longer `old`. */
static void mi_await(mi_team *team, atomic_uint *word, unsigned old, int glances) {
    for (int glance = 1; glance <= glances; ++glance) {
        if (atomic_load_explicit(word, memory_order_acquire) != old) return;
        if (glance % 256) mi_pause();
        else mi_yield();
    }
    /* Sequentially consistent: either mi_advance sees a sleeper, or the sleeper sees the word changed. */
    mi_enter(team);
    atomic_fetch_add(&team->asleep, 1);
    while (atomic_load(word) == old) mi_sleep(team);
    atomic_fetch_sub(&team->asleep, 1);
    mi_leave(team);
}

static void mi_advance(mi_team *team, atomic_uint *word) {
    atomic_fetch_add(word, 1);
    if (atomic_load(&team->asleep)) {
        mi_enter(team);
        mi_wake(team);
        mi_leave(team);
    }
}

static void mi_work(mi_member *member) {
    mi_team *const team = member->team;
    for (unsigned run = 0;; ++run) {
        mi_await(team, &team->runs, run, IDLE);
        if (team->leaving) return;
        team->share(team->inputs, team->outputs, team->constants, team->arena, team, member->worker);
        mi_meet(team);
    }
}

static void mi_dismiss(mi_team *team, long members) {
    team->leaving = 1;
    mi_advance(team, &team->runs);
    for (long i = 0; i < members; ++i) mi_end(&team->members[i]);
    team->process = 0;
}

/* Make the threads: at the first run, and in a forked child, which has the memory of a team but not its threads. */
static int mi_gather(mi_team *team) {
    __builtin_memset(team, 0, sizeof *team);
    mi_prepare(team);
    for (long i = 0; i < THREADS - 1; ++i) {
        mi_member *const member = &team->members[i];
        member->team = team;
        member->worker = i + 1;
        if (!mi_begin(member)) {
            mi_dismiss(team, i);
            return 0;
        }
    }
    team->process = mi_process();
    return 1;
}

int mi_run(mi_team *team, mi_share share, const void *const *inputs, void *const *outputs, const uint8_t *constants,
           uint8_t *arena, const volatile sig_atomic_t *stop) {
    if (team->process != mi_process() && !mi_gather(team)) return -1;
    team->share = share;
    team->inputs = inputs;
    team->outputs = outputs;
    team->constants = constants;
    team->arena = arena;
    team->stop = stop;
    atomic_store_explicit(&team->fault, 0, memory_order_relaxed);
    mi_advance(team, &team->runs);
    share(inputs, outputs, constants, arena, team, 0);
    return mi_meet(team);
}

int mi_meet(mi_team *team) {
    const unsigned meeting = atomic_load_explicit(&team->meetings, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) == THREADS - 1) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        if (team->stop && *team->stop) mi_fail(team, @STOPPED@);
        team->outcome = atomic_load_explicit(&team->fault, memory_order_relaxed);
        mi_advance(team, &team->meetings);
    } else {
        mi_await(team, &team->meetings, meeting, PATIENCE);
    }
    return team->outcome;
}

void mi_fail(mi_team *team, int fault) {
    int known = atomic_load_explicit(&team->fault, memory_order_relaxed);
    while ((!known || fault < known) && !atomic_compare_exchange_weak(&team->fault, &known, fault)) {
    }
}

MI_EXPORT const long @TEAM_BYTES@ = (long)sizeof(mi_team);

/* End the threads, if this process has made any; a later run makes new ones. */
MI_EXPORT void @DISBAND@(mi_team *team) {
    if (team->process == mi_process()) mi_dismiss(team, THREADS - 1);
}
"""


def source(threads: int) -> str:
    """Return the C of teams of so many threads, the caller included; at least 2."""
    values = {
        "THREADS": threads,
        "PATIENCE": _PATIENCE,
        "IDLE": _IDLE,
        "TEAM_BYTES": TEAM_BYTES,
        "DISBAND": DISBAND,
        "STOPPED": STOPPED,
    }
    text = _SOURCE
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def whole(threads: int) -> str:
    """Return the same with the text of the header in it."""
    return source(threads).replace(f'#include "{HEADER_NAME}"\n', HEADER)
