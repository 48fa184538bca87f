/* toolchain.conf: `key=value` lines in the directory of the wrapper, so that no variable of the environment
   is needed.

   zig          path of zig
   target       zig's name of the target with its glibc: aarch64-linux-gnu.2.17; of musl without a version
   cpu          the oldest processor of its wheels, in zig's words: generic+v7a-d32; optional
   abi          what -mabi says of the target's long double: ibmlongdouble; optional
   triplet      the triplet of the target's C library: aarch64-linux-gnu
   musl         the library that stands for musl in a link; nothing where the target has glibc
   clang        the version of clang in this zig, for -dumpversion
   cxx          libc++ (zig's, static) or libstdc++ (of cxx_root, shared)
   cxx_root     an unpacked tree with GCC's libstdc++ and its headers
   cxx_library  a shared libc++, which modules link in place of zig's static one; optional
   cxx_version  the name of the directory of these headers: 10
   sysroot      the target's root, for its system libraries; / when this runs inside it
   host_dirs    drop (/usr is the build machine's) or target (/usr is the target's)
   cache        zig's cache directory
   objects      a directory of the job, where zig keeps nothing for another call; optional
   ccache       path of ccache; it is called before zig where there is
   ccache_conf  a file with its settings; both optional
   record       a file that gets a line for every C++ link, dropped argument and refusal; optional
   keep_symbols yes to link without -s
   dry_run      yes to print the command for zig instead of running it */
#include "wrapper.h"

static void set(struct conf *conf, const char *key, const char *value) {
    const struct {
        const char *key;
        const char **place;
    } texts[] = {
        {"zig", &conf->zig},           {"target", &conf->target},   {"triplet", &conf->triplet},
        {"clang", &conf->clang},       {"cxx", &conf->cxx},         {"cxx_root", &conf->cxx_root},
        {"sysroot", &conf->sysroot},   {"cache", &conf->cache},     {"record", &conf->record},
        {"cxx_version", &conf->cxx_version}, {"cpu", &conf->cpu},   {"musl", &conf->musl},
        {"objects", &conf->objects},   {"ccache", &conf->ccache},   {"ccache_conf", &conf->ccache_conf},
        {"cxx_library", &conf->cxx_library}, {"abi", &conf->abi},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (equal(key, texts[i].key))
            *texts[i].place = value;
    if (equal(key, "host_dirs"))
        conf->drop_host_dirs = equal(value, "drop");
    if (equal(key, "keep_symbols"))
        conf->keep_symbols = equal(value, "yes");
    if (equal(key, "dry_run"))
        conf->dry_run = equal(value, "yes");
}

struct conf read_conf(void) {
    static char self[4096];
    long length = read_link("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        fail("/proc is not mounted, so the compiler wrapper cannot find its toolchain.conf");
    self[length] = 0;
    const char *bin = part(self, (size_t)(find_last(self, '/') - self));
    struct conf conf = {.bin = bin, .clang = "", .cxx = "libc++", .cxx_root = "", .cxx_version = "",
                        .sysroot = "", .objects = "", .ccache = "", .ccache_conf = "", .record = "", .musl = "",
                        .cxx_library = ""};
    const char *path = join(bin, "/toolchain.conf"), *lines = contents(path);
    if (!lines)
        fail(join(path, " cannot be read"));
    struct list all = split(lines, '\n');
    for (size_t i = 0; i < all.count; i++) {
        const char *line = all.at[i], *value = find(line, '=');
        if (value)
            set(&conf, part(line, (size_t)(value - line)), value + 1);
    }
    if (!conf.zig || !conf.target || !conf.triplet || !conf.cache)
        fail(join(path, " lacks one of zig, target, triplet and cache"));
    return conf;
}

bool gnu_cxx(const struct conf *conf) { return equal(conf->cxx, "libstdc++"); }

/* Whether the sysroot is a directory beside the build machine's own files. */
bool foreign_sysroot(const struct conf *conf) { return conf->sysroot[0] && !equal(conf->sysroot, "/"); }

void record(const struct conf *conf, const char *kind, const char *what) {
    if (conf->record[0] && !conf->dry_run)
        append_line(conf->record, join(kind, " ", what));
}

void refuse(const struct conf *conf, const char *argument, const char *reason) {
    record(conf, "refuse", join(argument, ": ", reason));
    fail(join("cannot compile here: ", reason));
}
