"""The few lines of run-time support that a Windows library needs when zig links it without its own.

Compiling zig's MinGW run-time takes a minute and a half the first time; generated code needs of it only an entry point
and the stack probe that functions with frames above one page call: the operating system grows the stack page by page.
"""

from typing import Final

SUPPORT: Final = """\
/* Entry point, float marker and stack probes of a DLL that links no C run-time. */
int _fltused = 1;
int DllMainCRTStartup(void *module, unsigned reason, void *reserved);
int DllMainCRTStartup(void *module, unsigned reason, void *reserved) {
    (void)module, (void)reason, (void)reserved;
    return 1;
}
#if defined(__x86_64__)
/* Touch each page of the rax bytes below the stack pointer; keep every register. */
__asm__(
    ".globl ___chkstk_ms\\n"
    "___chkstk_ms:\\n"
    "    push %rcx\\n"
    "    push %rax\\n"
    "    lea 24(%rsp), %rcx\\n"
    "1:  cmp $0x1000, %rax\\n"
    "    jb 2f\\n"
    "    sub $0x1000, %rcx\\n"
    "    test %rcx, (%rcx)\\n"
    "    sub $0x1000, %rax\\n"
    "    jmp 1b\\n"
    "2:  sub %rax, %rcx\\n"
    "    test %rcx, (%rcx)\\n"
    "    pop %rax\\n"
    "    pop %rcx\\n"
    "    ret\\n");
#elif defined(__aarch64__)
/* Touch each page of the 16 * x15 bytes below the stack pointer; x16 and x17 are free here. */
__asm__(
    ".globl __chkstk\\n"
    "__chkstk:\\n"
    "    lsl x16, x15, #4\\n"
    "    mov x17, sp\\n"
    "1:  sub x17, x17, #4096\\n"
    "    subs x16, x16, #4096\\n"
    "    ldr xzr, [x17]\\n"
    "    b.gt 1b\\n"
    "    ret\\n");
#endif
"""
