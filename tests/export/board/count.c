/* A plugin of QEMU: how many instructions run between two addresses. Arguments: begin=HEX,end=HEX,out=FILE. The few
   declarations are those of qemu-plugin.h (version 1), which not every package of QEMU has. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

EXPORT int qemu_plugin_version = 1;

static uint64_t begin_at, end_at, total, begun, counted;
static char out[4096];

static void on_begin(unsigned cpu, void *data) {
  (void)cpu, (void)data;
  begun = total;
}

static void on_end(unsigned cpu, void *data) {
  (void)cpu, (void)data;
  counted += total - begun;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    struct qemu_plugin_insn *one = qemu_plugin_tb_get_insn(block, i);
    const uint64_t at = qemu_plugin_insn_vaddr(one);
    if (at == begin_at) qemu_plugin_register_vcpu_insn_exec_cb(one, on_begin, 0, NULL);
    if (at == end_at) qemu_plugin_register_vcpu_insn_exec_cb(one, on_end, 0, NULL);
    qemu_plugin_register_vcpu_insn_exec_inline(one, 0, &total, 1);
  }
}

static void done(qemu_plugin_id_t id, void *data) {
  (void)id, (void)data;
  FILE *file = fopen(out, "w");
  if (!file) return;
  fprintf(file, "%" PRIu64 "\n", counted);
  fclose(file);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (!strncmp(argv[i], "begin=", 6)) begin_at = strtoull(argv[i] + 6, NULL, 16);
    if (!strncmp(argv[i], "end=", 4)) end_at = strtoull(argv[i] + 4, NULL, 16);
    if (!strncmp(argv[i], "out=", 4)) snprintf(out, sizeof out, "%s", argv[i] + 4);
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, done, NULL);
  return 0;
}
