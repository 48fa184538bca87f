/* Directories and libraries: the build machine's, the sysroot's, the C++ library's. */
#include "wrapper.h"

/* zig makes stubs of these for the glibc of its target; the sysroot's are newer. */
static const char *const zig_libraries[] = {"c", "m", "pthread", "dl", "rt", "util", "resolv", NULL};
static const char *const system_trees[] = {"/usr/include", "/usr/lib", "/usr/lib64", "/usr/local",
                                           "/lib",         "/lib64",   "/opt/local", NULL};

static bool is_under(const char *path, const char *tree) {
    size_t length = size(tree);
    return starts(path, tree) && (!path[length] || path[length] == '/');
}

static bool is_system(const char *path) {
    for (size_t i = 0; system_trees[i]; i++)
        if (is_under(path, system_trees[i])) /* headers of a Python package are the target's wherever it lies */
            return !holds(path, "/site-packages/") && !holds(path, "/dist-packages/");
    return false;
}

static char *trimmed(const char *path) {
    char *copy = part(path, size(path));
    for (size_t length = size(copy); length > 1 && copy[length - 1] == '/'; length--)
        copy[length - 1] = 0;
    return copy;
}

/* The root's own top directories come after zig's: its libc headers and libraries are newer than the floor. */
static bool is_top(const struct conf *conf, const char *path) {
    const char *root = foreign_sysroot(conf) ? conf->sysroot : "";
    const char *tops[] = {"/usr/include", join("/usr/include/", conf->triplet),
                          "/usr/lib",     join("/usr/lib/", conf->triplet),
                          "/lib",         join("/lib/", conf->triplet),
                          "/usr/lib64",   "/lib64"};
    if (!starts(path, root))
        return false;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (equal(path + size(root), tops[i]))
            return true;
    return false;
}

void add_directory(struct job *job, const char *option, const char *directory) {
    const struct conf *conf = job->conf;
    bool library = equal(option, "-L");
    const char *path = trimmed(directory);
    if (conf->drop_host_dirs && is_system(path)) {
        const char *inside = join(conf->sysroot, path);
        record(conf, "drop", join(option, path, ": a directory of the build machine"));
        if (!foreign_sysroot(conf) || !is_directory(inside))
            return;
        path = inside;
    }
    if (is_top(conf, path)) {
        push(library ? &job->libraries : &job->includes, path);
    } else if (library) {
        if (is_directory(path)) /* zig warns of one that is missing */
            push(&job->out, join("-L", path));
    } else {
        push(&job->out, option);
        push(&job->out, path);
    }
}

/* Debian links libz.so to /lib/TRIPLET/libz.so.1: right in the root, dangling or worse outside of it. */
static const char *absolute_link(const struct conf *conf, const char *name) {
    const char *directories[] = {join("/usr/lib/", conf->triplet), join("/lib/", conf->triplet), "/usr/lib64"};
    static char target[4096];
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        const char *path = join(conf->sysroot, directories[i], "/lib", name, ".so");
        long length = read_link(path, target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = 0;
        const char *inside = join(conf->sysroot, target);
        return target[0] == '/' && is_file(inside) ? inside : NULL;
    }
    return NULL;
}

static bool is_in_a_given_directory(const struct job *job, const char *name) {
    for (size_t i = 0; i < job->out.count; i++)
        if (starts(job->out.at[i], "-L") && (is_file(join(job->out.at[i] + 2, "/lib", name, ".so")) ||
                                             is_file(join(job->out.at[i] + 2, "/lib", name, ".a"))))
            return true;
    return false;
}

static const char *gnu_library(const struct conf *conf, const char *name) {
    const char *directories[] = {join("usr/lib/", conf->triplet), join("lib/", conf->triplet), "usr/lib64", "lib64"};
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        const char *path = join(conf->cxx_root, "/", directories[i], "/", name);
        if (is_file(path))
            return path;
    }
    return NULL;
}

static bool has_zig(const char *name) {
    for (size_t i = 0; zig_libraries[i]; i++)
        if (equal(name, zig_libraries[i]))
            return true;
    return false;
}

/* CMake names libraries by their paths: find_library(LIBM m) is /usr/lib/TRIPLET/libm.so, newer than the floor. */
const char *zig_library(const struct conf *conf, const char *path) {
    const char *slash = path[0] == '/' ? find_last(path, '/') : NULL;
    if (!slash || !starts(slash, "/lib"))
        return NULL;
    const char *directory = part(path, (size_t)(slash - path)), *file = slash + 1, *dot = find(file, '.');
    if (!dot || !(equal(dot, ".a") || equal(dot, ".so") || starts(dot, ".so.")))
        return NULL;
    const char *name = part(file + 3, (size_t)(dot - file - 3));
    bool of_system = is_top(conf, directory) || (conf->drop_host_dirs && is_system(directory));
    return of_system && has_zig(name) ? name : NULL;
}

void add_library(struct job *job, const char *name) {
    const struct conf *conf = job->conf;
    const char *path;
    if (has_zig(name)) {
        job->asks_libc = true;
        push(&job->out, join("-l", name));
        return;
    }
    if (equal(name, "gcc_s") || equal(name, "gcc_eh")) { /* zig's unwinder is LLVM's, static */
        path = gnu_cxx(conf) ? gnu_library(conf, "libgcc_s.so.1") : NULL;
        push(&job->out, path ? path : "-lunwind");
    } else if (equal(name, "stdc++") || equal(name, "c++")) {
        /* The GNU one, and a shared one, is added at the end of every C++ link. */
        if (!gnu_cxx(conf) && !(job->shared && conf->cxx_library[0]))
            push(&job->out, "-lc++");
    } else if (foreign_sysroot(conf) && !links_statically() && !is_in_a_given_directory(job, name) &&
               (path = absolute_link(conf, name))) {
        push(&job->out, path);
    } else {
        push(&job->out, join("-l", name));
    }
}

void add_gnu_cxx_headers(struct job *job) {
    const struct conf *conf = job->conf;
    const char *version = conf->cxx_version;
    /* -I, not -isystem: they must come before zig's libc headers, which they include by #include_next. */
    push(&job->out, "-nostdinc++");
    /* libstdc++ 16 makes functions constexpr that only GCC evaluates while compiling (<cmath>). */
    push(&job->out, "-Wno-invalid-constexpr");
    push(&job->out, join("-I", conf->cxx_root, "/usr/include/c++/", version));
    push(&job->out, join("-I", conf->cxx_root, "/usr/include/", conf->triplet, "/c++/", version));
    push(&job->out, join("-I", conf->cxx_root, "/usr/include/c++/", version, "/backward"));
}

void add_gnu_cxx_libraries(struct job *job) {
    static const char *const names[] = {"libstdc++.so.6", "libgcc_s.so.1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = gnu_library(job->conf, names[i]);
        if (!path)
            fail(join(names[i], " is not in ", job->conf->cxx_root));
        push(&job->out, path);
    }
}

static void add_if_there(struct list *list, const char *path) {
    if (is_directory(path) && !contains(list, path))
        push(list, path);
}

void add_sysroot(struct job *job) {
    const struct conf *conf = job->conf;
    const char *root = foreign_sysroot(conf) ? conf->sysroot : "";
    if (conf->sysroot[0]) {
        add_if_there(&job->includes, join(root, "/usr/local/include"));
        add_if_there(&job->includes, join(root, "/usr/include/", conf->triplet));
        add_if_there(&job->includes, join(root, "/usr/include"));
        add_if_there(&job->libraries, join(root, "/usr/local/lib"));
        add_if_there(&job->libraries, join(root, "/usr/lib/", conf->triplet));
        add_if_there(&job->libraries, join(root, "/lib/", conf->triplet));
        add_if_there(&job->libraries, join(root, "/usr/lib64"));
        add_if_there(&job->libraries, join(root, "/usr/lib"));
    }
    for (size_t i = 0; job->compiles && i < job->includes.count; i++) {
        push(&job->out, "-idirafter");
        push(&job->out, job->includes.at[i]);
    }
    for (size_t i = 0; job->links && i < job->libraries.count; i++)
        push(&job->out, join("-L", job->libraries.at[i]));
}
