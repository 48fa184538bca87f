/* Questions to a compiler, answered as clang and LLD would: zig's own answers name zig, or fail with a target
   that carries a glibc version. */
#include "wrapper.h"

#define ASK_LINKER "-Wl,-v"

static const char *version(const struct conf *conf) {
    return join("clang version ", conf->clang, "\nTarget: ", conf->triplet, "\nThread model: posix\nInstalledDir: ",
                conf->bin);
}

static const char *program(const struct conf *conf, const char *name) {
    const char *path = join(conf->bin, "/", name);
    return is_file(path) ? path : name;
}

static struct list library_directories(const struct conf *conf) {
    const char *root = foreign_sysroot(conf) ? conf->sysroot : "";
    struct list directories = {0};
    push(&directories, join(root, "/usr/lib/", conf->triplet));
    push(&directories, join(root, "/lib/", conf->triplet));
    push(&directories, join(root, "/usr/lib64"));
    push(&directories, join(root, "/usr/lib"));
    return directories;
}

static const char *library_file(const struct conf *conf, const char *name) {
    struct list directories = library_directories(conf);
    for (size_t i = 0; i < directories.count; i++)
        if (is_file(join(directories.at[i], "/", name)))
            return join(directories.at[i], "/", name);
    return name;
}

static const char *search_directories(const struct conf *conf) {
    struct list directories = library_directories(conf);
    const char *line = join("programs: =", conf->bin, "\nlibraries: =", directories.at[0]);
    for (size_t i = 1; i < directories.count; i++)
        line = join(line, ":", directories.at[i]);
    return line;
}

/* :returns: NULL where the argument is no question. */
static const char *answer(const struct conf *conf, const char *question) {
    const struct {
        const char *question, *answer;
    } facts[] = {
        {"--version", version(conf)},
        {"-dumpmachine", conf->triplet},
        {"-print-multiarch", conf->triplet},
        {"-print-target-triple", conf->triplet},
        {"-print-effective-triple", conf->triplet},
        {"-dumpversion", conf->clang},
        {"-dumpfullversion", conf->clang},
        {"-print-libgcc-file-name", "libgcc.a"},
        {"-print-multi-directory", "."},
        {"-print-multi-lib", ".;"},
        {"-print-sysroot", foreign_sysroot(conf) ? conf->sysroot : ""},
        {"-print-resource-dir", join(part(conf->zig, (size_t)(find_last(conf->zig, '/') - conf->zig)), "/lib")},
        {"-print-search-dirs", search_directories(conf)},
        {"-Wl,--version", join("LLD ", conf->clang, " (compatible with GNU linkers)")},
        {ASK_LINKER, join("LLD ", conf->clang, " (compatible with GNU linkers)")},
    };
    if (starts(question, "--print-"))
        question++;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (equal(question, facts[i].question))
            return facts[i].answer;
    if (starts(question, "-print-prog-name="))
        return program(conf, find(question, '=') + 1);
    if (starts(question, "-print-file-name="))
        return library_file(conf, find(question, '=') + 1);
    return NULL;
}

static bool has_input(const struct list *arguments) {
    for (size_t i = 0; i < arguments->count; i++)
        if (equal(arguments->at[i], "-o"))
            i++;
        else if (arguments->at[i][0] != '-')
            return true;
    return false;
}

bool answer_query(const struct conf *conf, const struct list *arguments) {
    if (arguments->count == 1 && equal(arguments->at[0], "-v")) {
        complain(version(conf));
        return true;
    }
    for (size_t i = 0; i < arguments->count; i++) {
        const char *line = answer(conf, arguments->at[i]);
        if (line) {
            say(line);
            /* Unlike --version, -v lets LLD link on: CMake reads the ABI from what comes of it. */
            return !equal(arguments->at[i], ASK_LINKER) || !has_input(arguments);
        }
    }
    return false;
}
