/* The words that zig's list of musl's names asks for (its src/libs/musl.zig says them to its own compiler). */
#ifdef __LP64__
#define PTR64
#endif
#if defined(__i386__)
#define ARCH_i386
#define FAMILY_x86
#define TIME32
#elif defined(__x86_64__)
#define ARCH_x86_64
#define FAMILY_x86
#elif defined(__arm__)
#define ARCH_arm
#define TIME32
#elif defined(__aarch64__)
#define ARCH_aarch64
#elif defined(__s390x__)
#define ARCH_s390x
#elif defined(__riscv)
#define ARCH_riscv64
#define FAMILY_riscv
#elif defined(__loongarch64)
#define ARCH_loongarch64
#endif
#include "libc.S"
