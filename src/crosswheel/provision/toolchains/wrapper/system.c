/* The little of a C library that the wrapper needs, straight on Linux for x86_64. With a real one zig would have to
   build all of musl first, which takes up to a minute, for a program that starts another. */
#include "wrapper.h"

/* Numbers of the kernel's table for x86_64 (arch/x86/entry/syscalls/syscall_64.tbl). */
enum { READ_FILE, WRITE_FILE, OPEN, CLOSE, LSEEK = 8, MMAP = 9, DUP2 = 33, EXECVE = 59, READLINK = 89, EXIT_GROUP = 231,
       MEMFD_CREATE = 319 };
enum { READABLE = 1, WRITABLE = 2, PRIVATE = 2, ANONYMOUS = 32 }; /* mmap's */
enum { ARENA = 1 << 20, CLOSE_ON_EXEC = 02000000 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#define CALL(number, a, b, c) call(number, (long)(a), (long)(b), (long)(c), 0, 0, 0)

long open_file(const char *path, int flags, int mode) { return CALL(OPEN, path, flags | CLOSE_ON_EXEC, mode); }
void close_file(long file) { CALL(CLOSE, file, 0, 0); }
long read_some(long file, char *to, size_t length) { return CALL(READ_FILE, file, to, length); }
long read_link(const char *path, char *to, size_t length) { return CALL(READLINK, path, to, length); }
long execute(const char *path, const char **arguments, const char **environment) {
    return CALL(EXECVE, path, arguments, environment);
}

bool write_all(long file, const char *from, size_t length) {
    while (length) {
        long done = CALL(WRITE_FILE, file, from, length);
        if (done <= 0)
            return false;
        from += done;
        length -= (size_t)done;
    }
    return true;
}

/* A file without a name that the next program inherits under this number; zig reads it from its start. */
bool make_memory_file(int number) {
    long made = CALL(MEMFD_CREATE, "arguments", 0, 0);
    return made >= 0 && CALL(DUP2, made, number, 0) == number;
}

void rewind_file(long file) { CALL(LSEEK, file, 0, 0); }

_Noreturn void leave(int status) {
    for (;;)
        CALL(EXIT_GROUP, status, 0, 0);
}

/* Memory in order, never given back. */
void *memory(size_t length) {
    static char *arena;
    static size_t left;
    length = (length + 15) & ~(size_t)15;
    if (length > left) {
        left = length > ARENA ? length : ARENA;
        long made = call(MMAP, 0, (long)left, READABLE | WRITABLE, PRIVATE | ANONYMOUS, -1, 0);
        if (made < 0 && made > -4096)
            fail("out of memory");
        arena = (char *)made;
    }
    char *result = arena;
    arena += length;
    left -= length;
    return result;
}

/* Compilers call these by themselves. */
void *memcpy(void *to, const void *from, size_t length) {
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
    return start;
}

void *memset(void *to, int value, size_t length) {
    void *start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(length) : "a"(value) : "memory");
    return start;
}

/* The kernel leaves the count of the arguments, the arguments and the environment on the stack. */
__attribute__((used)) _Noreturn static void begin(long *stack) {
    long count = stack[0];
    const char **arguments = (const char **)(stack + 1);
    leave(run((int)count, arguments, arguments + count + 1));
}

__asm__(".globl _start\n_start:\n    xor %ebp, %ebp\n    mov %rsp, %rdi\n    and $-16, %rsp\n    call begin\n");
