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
