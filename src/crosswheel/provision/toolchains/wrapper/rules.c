/* The one table of what happens to an argument. What is not here goes to zig as it is, and zig's own error
   then says that it is not supported. Measured with zig 0.17.1; DRIVER rules carry their dashes, LINKER rules
   (inside -Wl, or after -Xlinker) do not, since one dash or two mean the same there. */
#include "wrapper.h"

#define NO_OPENMP "zig has no OpenMP runtime, so a module linked with -fopenmp would fail at import"
#define NO_LTO "objects of two compilers cannot be optimised together at link time"
#define GCC_ONLY "an optimisation of GCC's own"
#define DEFAULT "what LLD does anyway"
#define FOR_PEOPLE "it only changes what the linker prints"

static const struct rule rules[] = {
    /* The CPU and the optimisation. */
    {DRIVER, EXACT, "-march=native", REFUSE, NULL, "-march=native means the CPU of the build machine"},
    {DRIVER, EXACT, "-mcpu=native", REFUSE, NULL, "-mcpu=native means the CPU of the build machine"},
    {DRIVER, PREFIX, "-march=", CPU, NULL, NULL},
    {DRIVER, PREFIX, "-mcpu=", CPU, NULL, NULL},
    {DRIVER, EXACT, "-Os", COMPILE, NULL, NULL},
    {DRIVER, EXACT, "-Oz", COMPILE, NULL, NULL},
    {DRIVER, EXACT, "-mfpu=neon", COMPILE, "-mcpu=generic+v7a", NULL},
    {DRIVER, EXACT, "-mfpu=neon-vfpv3", COMPILE, "-mcpu=generic+v7a", NULL},
    {DRIVER, EXACT, "-mfpu=neon-vfpv4", COMPILE, "-mcpu=generic+v7a+vfp4", NULL},
    {DRIVER, PREFIX, "-mfpu=vfpv3", DROP, NULL, "16 registers of VFPv3 are the floor"},
    {DRIVER, EXACT, "-mzarch", DROP, NULL, "what s390x means"},
    {DRIVER, PREFIX, "-mtune=", DROP, NULL, "zig tunes for the CPU it compiles for"},
    {DRIVER, EXACT, "-v", COMPILE, NULL, NULL}, /* of a link zig tells what it makes in its cache for it */
    {DRIVER, EXACT, "-mabi=lp64", DROP, NULL, "the target's ABI anyway"},
    {DRIVER, PREFIX, "-mfix-cortex-a53-", DROP, NULL, "not in zig's clang"},
    {DRIVER, PREFIX, "-mno-fix-cortex-a53-", DROP, NULL, "not in zig's clang"},
    {DRIVER, PREFIX, "-mtls-dialect=", DROP, NULL, "descriptors are clang's default"},
    {DRIVER, EXACT, "-fcf-protection", DROP, NULL, "an x86 option"},
    {DRIVER, PREFIX, "-fcf-protection=", DROP, NULL, "an x86 option"},

    /* The target is this toolchain's. */
    {DRIVER, VALUE, "-target", DROP, NULL, "the toolchain has one target"},
    {DRIVER, PREFIX, "--target=", DROP, NULL, "the toolchain has one target"},
    {DRIVER, VALUE, "-arch", DROP, NULL, "an Apple option"},
    {DRIVER, VALUE, "--sysroot", DROP, NULL, "the toolchain has its own"},
    {DRIVER, PREFIX, "--sysroot=", DROP, NULL, "the toolchain has its own"},
    {DRIVER, VALUE, "-isysroot", DROP, NULL, "the toolchain has its own"},
    {DRIVER, VALUE, "-B", DROP, NULL, "zig has its own assembler and linker"},
    {DRIVER, PREFIX, "-B", DROP, NULL, "zig has its own assembler and linker"},
    {DRIVER, PREFIX, "-specs=", DROP, NULL, "GCC's own files"},
    {DRIVER, PREFIX, "--specs=", DROP, NULL, "GCC's own files"},
    {DRIVER, PREFIX, "-fuse-ld=", DROP, NULL, "zig links with LLD"},

    /* Options of GCC that clang lacks. */
    {DRIVER, EXACT, "-flto", DROP, NULL, NO_LTO},
    {DRIVER, PREFIX, "-flto=", DROP, NULL, NO_LTO},
    {DRIVER, PREFIX, "-flto-", DROP, NULL, NO_LTO},
    {DRIVER, EXACT, "-fuse-linker-plugin", DROP, NULL, NO_LTO},
    {DRIVER, EXACT, "-fno-use-linker-plugin", DROP, NULL, NO_LTO},
    {DRIVER, EXACT, "-ffat-lto-objects", DROP, NULL, NO_LTO},
    {DRIVER, EXACT, "-fno-fat-lto-objects", DROP, NULL, NO_LTO},
    {DRIVER, PREFIX, "-fipa-", DROP, NULL, GCC_ONLY},
    {DRIVER, PREFIX, "-fno-ipa-", DROP, NULL, GCC_ONLY},
    {DRIVER, EXACT, "-fgraphite", DROP, NULL, GCC_ONLY},
    {DRIVER, PREFIX, "-fgraphite-", DROP, NULL, GCC_ONLY},
    {DRIVER, EXACT, "-floop-nest-optimize", DROP, NULL, GCC_ONLY},
    {DRIVER, EXACT, "-fno-gnu-unique", DROP, NULL, "clang makes no unique symbols"},
    {DRIVER, EXACT, "-fno-trampolines", DROP, NULL, "clang makes no trampolines"},
    {DRIVER, PREFIX, "-fmax-errors=", BECOME, "-ferror-limit=", NULL},
    {DRIVER, EXACT, "-pipe", DROP, NULL, "clang has no intermediate files"},
    {DRIVER, EXACT, "-pthreads", DROP, NULL, "a Solaris option"},
    {DRIVER, PREFIX, "-Wp,", PREPROCESSOR, NULL, NULL},
    {DRIVER, EXACT, "-fopenmp", REFUSE_LINK, NULL, NO_OPENMP},
    {DRIVER, PREFIX, "-fopenmp=", REFUSE_LINK, NULL, NO_OPENMP},

    /* Directories and libraries. */
    {DRIVER, VALUE, "-I", HOST_DIR, NULL, NULL},
    {DRIVER, PREFIX, "-I", HOST_DIR, NULL, NULL},
    {DRIVER, VALUE, "-L", HOST_DIR, NULL, NULL},
    {DRIVER, PREFIX, "-L", HOST_DIR, NULL, NULL},
    {DRIVER, VALUE, "-isystem", HOST_DIR, NULL, NULL},
    {DRIVER, PREFIX, "-isystem", HOST_DIR, NULL, NULL},
    {DRIVER, VALUE, "-idirafter", HOST_DIR, NULL, NULL},
    {DRIVER, PREFIX, "-idirafter", HOST_DIR, NULL, NULL},
    {DRIVER, EXACT, "-lgomp", REFUSE, NULL, NO_OPENMP},
    {DRIVER, EXACT, "-lomp", REFUSE, NULL, NO_OPENMP},
    {DRIVER, EXACT, "-liomp5", REFUSE, NULL, NO_OPENMP},
    {DRIVER, EXACT, "-lgcc", DROP, NULL, "zig's compiler-rt has it"},
    {DRIVER, EXACT, "-latomic", DROP, NULL, "zig's compiler-rt has it"},
    {DRIVER, EXACT, "-lssp", DROP, NULL, "glibc has it"},
    {DRIVER, EXACT, "-lssp_nonshared", DROP, NULL, "glibc has it"},
    {DRIVER, EXACT, "-lsupc++", DROP, NULL, "part of the C++ library"},
    {DRIVER, EXACT, "-lstdc++fs", DROP, NULL, "part of the C++ library"},
    {DRIVER, EXACT, "-static-libgcc", DROP, NULL, "there is no libgcc"},
    {DRIVER, EXACT, "-shared-libgcc", DROP, NULL, "there is no libgcc"},
    {DRIVER, EXACT, "-static-libstdc++", DROP, NULL, "the toolchain chooses the C++ library"},
    {DRIVER, VALUE, "-l", LIBRARY, NULL, NULL},
    {DRIVER, PREFIX, "-l", LIBRARY, NULL, NULL},

    /* Options of the linker that the driver takes. */
    {DRIVER, EXACT, "-symbolic", BECOME, "-Wl,-Bsymbolic", NULL},
    {DRIVER, VALUE, "-u", BECOME, "-Wl,-u,", NULL},

    /* Values that are no inputs. */
    {DRIVER, VALUE, "-o", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-x", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-D", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-U", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-T", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-e", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-z", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-MF", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-MT", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-MQ", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-include", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-imacros", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-iquote", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-Xclang", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-Xassembler", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-Xpreprocessor", KEEP, NULL, NULL},
    {DRIVER, VALUE, "-mllvm", KEEP, NULL, NULL},
    {DRIVER, VALUE, "--param", DROP, NULL, GCC_ONLY},
    {DRIVER, PREFIX, "--param=", DROP, NULL, GCC_ONLY},

    /* The linker: which symbols, which libraries. */
    {LINKER, VALUE, "soname", KEEP, NULL, NULL},
    {LINKER, VALUE, "h", BECOME, "-soname", NULL},
    {LINKER, VALUE, "rpath", KEEP, NULL, NULL},
    {LINKER, VALUE, "R", BECOME, "-rpath", NULL},
    {LINKER, VALUE, "rpath-link", DROP, NULL, "libraries of libraries need not be found at link time"},
    {LINKER, VALUE, "version-script", KEEP, NULL, NULL},
    {LINKER, VALUE, "wrap", KEEP, NULL, NULL},
    {LINKER, VALUE, "e", KEEP, NULL, NULL},
    {LINKER, VALUE, "entry", KEEP, NULL, NULL},
    {LINKER, VALUE, "u", KEEP, NULL, NULL},
    {LINKER, VALUE, "undefined", BECOME, "-u", NULL},
    {LINKER, VALUE, "T", KEEP, NULL, NULL},
    {LINKER, VALUE, "I", KEEP, NULL, NULL},
    {LINKER, VALUE, "dynamic-linker", KEEP, NULL, NULL},
    {LINKER, VALUE, "dependency-file", KEEP, NULL, NULL},
    {LINKER, VALUE, "library-path", BECOME, "-L", NULL},
    {LINKER, EXACT, "rdynamic", BECOME, "--export-dynamic", NULL},
    {LINKER, EXACT, "no-undefined", BECOME, "--no-undefined", NULL},
    {LINKER, EXACT, "strip-unneeded", BECOME, "-s", NULL},
    {LINKER, VALUE, "exclude-libs", DROP, NULL, "the symbols of static libraries stay visible"},
    {LINKER, VALUE, "dynamic-list", DROP, NULL, "all symbols stay dynamic"},
    {LINKER, VALUE, "export-dynamic-symbol", DROP, NULL, "all symbols stay dynamic"},
    {LINKER, VALUE, "retain-symbols-file", DROP, NULL, "all symbols stay"},
    {LINKER, PREFIX, "dynamic-list-", DROP, NULL, "all symbols stay dynamic"},
    {LINKER, EXACT, "no-export-dynamic", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "Bsymbolic-functions", DROP, NULL, "calls go by the symbol table, which is slower but right"},
    {LINKER, EXACT, "Bno-symbolic", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "v", DROP, NULL, "the version was said before"},
    {LINKER, EXACT, "push-state", PUSH, NULL, NULL},
    {LINKER, EXACT, "pop-state", POP, NULL, NULL},
    {LINKER, EXACT, "no-undefined-version", DROP, NULL, "version scripts may name absent symbols, as for GNU ld"},
    {LINKER, EXACT, "copy-dt-needed-entries", DROP, NULL, "libraries of libraries are not linked"},
    {LINKER, EXACT, "no-copy-dt-needed-entries", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "add-needed", DROP, NULL, "libraries of libraries are not linked"},
    {LINKER, EXACT, "no-add-needed", DROP, NULL, DEFAULT},
    {LINKER, PREFIX, "unresolved-symbols=", DROP, NULL, "a shared object may have undefined symbols anyway"},
    {LINKER, VALUE, "ignore-unresolved-symbol", DROP, NULL, "a shared object may have undefined symbols anyway"},
    {LINKER, EXACT, "warn-unresolved-symbols", DROP, NULL, "a shared object may have undefined symbols anyway"},
    {LINKER, EXACT, "noinhibit-exec", DROP, NULL, "a failed link leaves nothing"},
    {LINKER, VALUE, "defsym", REFUSE, NULL, "zig's linker does not take --defsym"},
    {LINKER, VALUE, "just-symbols", REFUSE, NULL, "zig's linker does not take --just-symbols"},
    {LINKER, VALUE, "init", REFUSE, NULL, "zig's linker does not take -init"},
    {LINKER, VALUE, "fini", REFUSE, NULL, "zig's linker does not take -fini"},
    {LINKER, EXACT, "default-symver", REFUSE, NULL, "zig's linker does not take --default-symver"},
    {LINKER, EXACT, "allow-multiple-definition", REFUSE, NULL, "zig's linker does not take --allow-multiple-definition"},
    {LINKER, EXACT, "z muldefs", REFUSE, NULL, "zig's linker does not take -z muldefs"},
    {LINKER, EXACT, "z initfirst", REFUSE, NULL, "zig's linker does not take -z initfirst"},

    /* The linker: layout. */
    {LINKER, PREFIX, "O", DROP, NULL, "zig chooses the linker's optimisation"},
    {LINKER, VALUE, "m", DROP, NULL, "the target says it"},
    {LINKER, PREFIX, "melf", DROP, NULL, "the target says it"},
    {LINKER, PREFIX, "sysroot=", DROP, NULL, "the toolchain has its own"},
    {LINKER, PREFIX, "icf=", DROP, NULL, "an optimisation of size"},
    {LINKER, PREFIX, "plugin", DROP, NULL, NO_LTO},
    {LINKER, PREFIX, "pack-dyn-relocs=", DROP, NULL, "packed relocations need a newer glibc"},
    {LINKER, EXACT, "z pack-relative-relocs", DROP, NULL, "packed relocations need a newer glibc"},
    {LINKER, EXACT, "z separate-code", DROP, NULL, "LLD's own layout"},
    {LINKER, EXACT, "z noseparate-code", DROP, NULL, "LLD's own layout"},
    {LINKER, EXACT, "z text", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "z nodlopen", DROP, NULL, "a module of Python is always opened"},
    {LINKER, EXACT, "z nostart-stop-gc", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "rosegment", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "no-rosegment", DROP, NULL, "LLD's own layout"},
    {LINKER, EXACT, "relax", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "no-relax", DROP, NULL, "LLD's own choice"},
    {LINKER, EXACT, "emit-relocs", DROP, NULL, "for tools that edit the result"},
    {LINKER, EXACT, "q", DROP, NULL, "for tools that edit the result"},
    {LINKER, EXACT, "X", DROP, NULL, "the result is stripped"},
    {LINKER, EXACT, "discard-locals", DROP, NULL, "the result is stripped"},
    {LINKER, EXACT, "secure-plt", DROP, NULL, DEFAULT},
    {LINKER, PREFIX, "fix-cortex-a53-", DROP, NULL, "for two early steppings of one CPU"},
    {LINKER, PREFIX, "no-fix-cortex-a53-", DROP, NULL, DEFAULT},
    {LINKER, PREFIX, "spare-dynamic-tags=", DROP, NULL, "LLD's own layout"},
    {LINKER, PREFIX, "orphan-handling=", DROP, NULL, "LLD's own layout"},
    {LINKER, PREFIX, "package-metadata=", DROP, NULL, "a note for distributions"},
    {LINKER, EXACT, "no-ld-generated-unwind-info", DROP, NULL, DEFAULT},
    {LINKER, EXACT, "ld-generated-unwind-info", DROP, NULL, "LLD makes none"},

    /* The linker: words and threads. */
    {LINKER, VALUE, "Map", DROP, NULL, FOR_PEOPLE},
    {LINKER, VALUE, "y", DROP, NULL, FOR_PEOPLE},
    {LINKER, VALUE, "trace-symbol", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "t", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "trace", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "cref", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "stats", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "verbose", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "demangle", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "no-demangle", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "warn-common", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "warn-once", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "no-warnings", DROP, NULL, FOR_PEOPLE},
    {LINKER, EXACT, "no-warn-mismatch", DROP, NULL, FOR_PEOPLE},
    {LINKER, PREFIX, "error-limit=", DROP, NULL, FOR_PEOPLE},
    {LINKER, PREFIX, "threads", DROP, NULL, "it only changes the time"},
    {LINKER, EXACT, "no-keep-memory", DROP, NULL, "it only changes the memory"},
    {LINKER, EXACT, "reduce-memory-overheads", DROP, NULL, "it only changes the memory"},
    {0},
};

static bool matches(const struct rule *rule, const char *argument) {
    size_t length = size(rule->text);
    if (!starts(argument, rule->text))
        return false;
    if (rule->form == PREFIX)
        return argument[length] != 0;
    return argument[length] == 0 || (rule->form == VALUE && rule->scope == LINKER && argument[length] == '=');
}

const struct rule *find_rule(enum scope scope, const char *argument) {
    for (const struct rule *rule = rules; rule->text; rule++)
        if (rule->scope == scope && matches(rule, argument))
            return rule;
    return NULL;
}
