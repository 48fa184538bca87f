/* One program under many names (cc, c++, ar, ranlib, strip, ld and each with a triplet before it): it finds its
   toolchain.conf, rewrites its arguments and becomes zig. Static, so that it also runs as the native child of an
   emulated process, inside a root of another architecture. */
#include "wrapper.h"

enum { UUID = 36 }; /* its length as text */

static const char **environment;

/* A directory that no call had before: zig takes an object for current although a file of `.incbin` is another, or a
   header is there that was not (ziglang/zig issue 16919). */
static const char *objects_of_call(const struct conf *conf) {
    const char *unique = contents("/proc/sys/kernel/random/uuid");
    return conf->objects[0] && unique ? join(conf->objects, "/", part(unique, UUID)) : conf->cache;
}

/* What is kept follows the job alone, whatever the environment says: zig keeps a target's libraries in the store. */
static const char **own_environment(const struct conf *conf) {
    static const char *const ours[] = {"ZIG_GLOBAL_CACHE_DIR=", "ZIG_LOCAL_CACHE_DIR=", "CCACHE_", NULL};
    struct list result = {0};
    for (size_t i = 0; environment[i]; i++)
        if (!any(ours, environment[i], starts))
            push(&result, environment[i]);
    push(&result, join("ZIG_GLOBAL_CACHE_DIR=", conf->cache));
    push(&result, join("ZIG_LOCAL_CACHE_DIR=", objects_of_call(conf)));
    push(&result, join("CCACHE_CONFIGPATH=", conf->ccache_conf));
    return result.at;
}

_Noreturn static void become(const struct conf *conf, struct list *command) {
    if (conf->dry_run) {
        for (size_t i = 0; i < command->count; i++)
            say(command->at[i]);
        leave(0);
    }
    shorten(command);
    execute(conf->zig, command->at, own_environment(conf));
    fail(join(conf->zig, " cannot be run"));
}

/* A compilation goes by way of ccache where the job has settings for it. ccache calls this program again, as zig-cc
   or zig-c++, to preprocess and, if that text is new, to compile: with zig's arguments, which are all that an object
   depends on. Where ccache is not there, the caller goes on without it. */
static void become_kept(const struct conf *conf, const struct list *command) {
    struct list kept = {0};
    if (conf->dry_run || !is_file(conf->ccache_conf) || is_long(command))
        return;
    push(&kept, conf->ccache);
    push(&kept, join(conf->bin, "/zig-", command->at[1]));
    for (size_t i = 2; i < command->count; i++)
        push(&kept, command->at[i]);
    execute(conf->ccache, kept.at, own_environment(conf));
}

static struct list begin(const struct conf *conf, const char *subcommand) {
    struct list command = {0};
    push(&command, conf->zig);
    push(&command, subcommand);
    return command;
}

static void add_defaults(struct job *job, struct list *command) {
    push(command, "-target");
    push(command, job->conf->target);
    if (job->conf->cpu)
        push(command, join("-mcpu=", job->conf->cpu));
    push(command, "-fno-sanitize=all"); /* else code without -O traps where GCC's goes on */
    if (!job->compiles)
        return;
    if (job->conf->abi)
        push(command, join("-mabi=", job->conf->abi));
    push(command, "-UNDEBUG"); /* zig defines it with -O, which GCC does not */
    if (!job->has_debug)
        push(command, "-g0");
    if (job->reads_stdin && !job->has_language)
        push(command, job->cxx ? "-xc++" : "-xc");
}

static void add_link_options(struct job *job) {
    if (!job->links)
        return;
    if (!job->conf->keep_symbols && !job->relocatable)
        push(&job->out, "-s");
    if (job->has_version_script)
        push(&job->out, "-Wl,--undefined-version");
    if (!job->shared) /* a library of the root may want a newer glibc than the floor */
        push(&job->out, "-Wl,--allow-shlib-undefined");
}

/* A link for musl asks for it as a shared library of Alpine's name; zig would link a program statically. */
static void add_musl(struct job *job) {
    if (!job->conf->musl[0] || !job->links || job->is_static || job->relocatable ||
        (job->no_libraries && !job->asks_libc))
        return;
    push(&job->out, "-dynamic");
    push(&job->out, "-Wl,--no-as-needed"); /* a module that calls nothing of it tells its C library all the same */
    push(&job->out, job->conf->musl);
}

static void add_cxx(struct job *job) {
    if (gnu_cxx(job->conf) && job->compiles && (job->cxx || job->has_cxx_input) && !job->no_headers)
        add_gnu_cxx_headers(job);
    if (!job->links_cxx)
        return;
    if (job->shared)
        record(job->conf, "c++", job->output);
    if (gnu_cxx(job->conf)) {
        push(&job->out, "-nostdlib++");
        add_gnu_cxx_libraries(job);
    } else if (job->shared && job->conf->cxx_library[0]) { /* programs keep zig's own */
        push(&job->out, "-nostdlib++");
        push(&job->out, job->conf->cxx_library);
        push(&job->out, "-lunwind");
    }
}

/* As clang tells how it starts the linker: CMake reads the directories, and the name of the architecture there. */
static void tell_link(const struct job *job, const struct list *arguments) {
    bool asked = false;
    for (size_t i = 0; i < arguments->count; i++)
        asked |= equal(arguments->at[i], "-v");
    if (!asked || !job->links || job->compiles)
        return;
    const char *line = join(" \"", job->conf->bin, "/ld\"");
    for (size_t i = 0; i < job->libraries.count; i++)
        line = join(line, " -L", job->libraries.at[i]);
    complain(line);
}

_Noreturn static void compile(const struct conf *conf, bool cxx, const struct list *arguments) {
    if (answer_query(conf, arguments))
        leave(0);
    struct job job = survey(conf, cxx, arguments);
    rewrite(&job, arguments);
    add_link_options(&job);
    add_cxx(&job);
    add_musl(&job);
    if (!job.no_headers)
        add_sysroot(&job);
    tell_link(&job, arguments);
    if (job.checks_only) { /* zig expects an object file from -fsyntax-only */
        push(&job.out, "-c");
        push(&job.out, "-o/dev/null");
    }
    struct list command = begin(conf, cxx || job.has_cxx_input ? "c++" : "cc");
    add_defaults(&job, &command);
    push_all(&command, &job.out);
    if (contains(arguments, "-c") && !job.reads_stdin)
        become_kept(conf, &command);
    become(conf, &command);
}

_Noreturn static void pass_on(const struct conf *conf, const char *subcommand, const struct list *arguments) {
    struct list command = begin(conf, subcommand);
    push_all(&command, arguments);
    become(conf, &command);
}

/* The linker has stripped already: only `strip -o COPY FILE` has something to do. */
_Noreturn static void strip(const struct conf *conf, const struct list *arguments) {
    const char *from = NULL, *to = NULL;
    for (size_t i = 0; i < arguments->count; i++) {
        if (equal(arguments->at[i], "--version")) {
            say(join("llvm-strip, compatible with GNU strip\nLLVM version ", conf->clang));
            leave(0);
        }
        if (equal(arguments->at[i], "-o") && i + 1 < arguments->count)
            to = arguments->at[++i];
        else if (arguments->at[i][0] != '-')
            from = arguments->at[i];
    }
    if (from && to && !equal(from, to))
        copy_file(from, to);
    leave(0);
}

static const char *name_of(const char *called) {
    const char *slash = find_last(called, '/');
    return slash ? slash + 1 : called;
}

/* `aarch64-linux-gnu-gcc-ar` -> `ar`: without the triplet, and without GCC's prefix of its binutils. */
static const char *tool_name(const struct conf *conf, const char *called) {
    const char *name = name_of(called), *prefix = join(conf->triplet, "-");
    if (starts(name, prefix))
        name += size(prefix);
    return starts(name, "gcc-") ? name + 4 : name;
}

static const char *role_of(const char *name) {
    static const struct {
        const char *name, *role;
    } roles[] = {
        {"cc", "cc"},       {"gcc", "cc"}, {"clang", "cc"},      {"cpp", "cpp"},     {"c++", "c++"},   {"g++", "c++"},
        {"clang++", "c++"}, {"ar", "ar"},  {"ranlib", "ranlib"}, {"strip", "strip"}, {"ld", "ld.lld"},
        {"gfortran", "fortran"}, {"f77", "fortran"}, {"f95", "fortran"}, {"zig-cc", "zig-cc"}, {"zig-c++", "zig-c++"},
    };
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (equal(name, roles[i].name))
            return roles[i].role;
    return NULL;
}

int run(int count, const char **values, const char **variables) {
    struct conf conf = read_conf();
    const char *role = role_of(tool_name(&conf, values[0]));
    struct list given = {0};
    environment = variables;
    if (!role)
        fail(join("called as ", values[0], ", which is no compiler tool"));
    if (equal(role, "fortran")) /* else the build machine's own is found, which compiles for another machine */
        refuse(&conf, name_of(values[0]), "zig has no Fortran compiler");
    if (equal(role, "cpp"))
        push(&given, "-E");
    for (int i = 1; i < count; i++) {
        if (i == 1 && equal(values[i], "--crosswheel-print"))
            conf.dry_run = true;
        else
            push(&given, values[i]);
    }
    struct list arguments = expand_response_files(&given);
    if (equal(role, "strip"))
        strip(&conf, &arguments);
    if (equal(role, "cpp") || equal(role, "cc") || equal(role, "c++"))
        compile(&conf, equal(role, "c++"), &arguments);
    pass_on(&conf, starts(role, "zig-") ? role + 4 : role, &arguments);
}
