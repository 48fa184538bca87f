/* crosswheel's compiler wrapper: the arguments of GCC's driver in, those of zig's out. */
#ifndef CROSSWHEEL_WRAPPER_H
#define CROSSWHEEL_WRAPPER_H

#include <stdbool.h>
#include <stddef.h>

/* Strings in order. Nothing is ever freed: the process becomes zig. */
struct list {
    const char **at;
    size_t count, room;
};

/* main.c */
int run(int count, const char **values, const char **environment);

/* system.c: errors are negative numbers. */
/* Flags of open(2). */
enum { READ = 0, WRITE = 1, CREATE = 0100, TRUNCATE = 01000, APPEND = 02000, DIRECTORY = 0200000, PATH_ONLY = 010000000 };
long open_file(const char *path, int flags, int mode);
void close_file(long file);
long read_some(long file, char *to, size_t length);
bool write_all(long file, const char *from, size_t length);
void rewind_file(long file);
long read_link(const char *path, char *to, size_t length);
bool make_memory_file(int number);
long execute(const char *path, const char **arguments, const char **environment);
_Noreturn void leave(int status);
void *memory(size_t length);

/* basics.c */
size_t size(const char *string);
bool starts(const char *string, const char *prefix);
bool ends(const char *string, const char *suffix);
bool equal(const char *left, const char *right);
bool holds(const char *string, const char *part);
const char *find(const char *string, char wanted);
const char *find_last(const char *string, char wanted);
char *part(const char *string, size_t length);
char *join_all(const char *first, ...) __attribute__((sentinel));
#define join(...) join_all(__VA_ARGS__, NULL)
void push(struct list *list, const char *string);
void push_all(struct list *list, const struct list *other);
bool contains(const struct list *list, const char *string);
bool any(const char *const *list, const char *argument, bool (*test)(const char *, const char *));
struct list split(const char *string, char separator);
bool is_file(const char *path);
bool is_directory(const char *path);
char *contents(const char *path);
void copy_file(const char *from, const char *to);
void append_line(const char *path, const char *line);
void say(const char *line);
void complain(const char *line);
_Noreturn void fail(const char *sentence);

/* conf.c: toolchain.conf, beside the wrapper. */
struct conf {
    const char *bin; /* the wrapper's own directory */
    const char *zig, *target, *cpu, *abi, *triplet, *clang, *cxx, *cxx_root, *cxx_version, *cxx_library, *sysroot,
        *cache, *objects, *ccache, *ccache_conf, *record, *musl;
    bool drop_host_dirs, keep_symbols, dry_run;
};

struct conf read_conf(void);
bool gnu_cxx(const struct conf *conf);
bool foreign_sysroot(const struct conf *conf);
void record(const struct conf *conf, const char *kind, const char *what);
_Noreturn void refuse(const struct conf *conf, const char *argument, const char *reason);

/* response.c */
struct list expand_response_files(const struct list *arguments);
bool is_long(const struct list *command);
void shorten(struct list *command);

/* queries.c */
bool answer_query(const struct conf *conf, const struct list *arguments);

/* rules.c: the one table of what happens to an argument. */
enum scope { DRIVER, LINKER };
/* VALUE: the value is the next argument, or for the linker what follows `=`. */
enum form { EXACT, PREFIX, VALUE };
/* COMPILE: kept, or become its text, where something is compiled; a link alone would have zig make its libraries anew for it. */
enum action { KEEP, DROP, BECOME, REFUSE, REFUSE_LINK, COMPILE, CPU, HOST_DIR, PREPROCESSOR, LIBRARY, PUSH, POP };

struct rule {
    enum scope scope;
    enum form form;
    const char *text;
    enum action action;
    const char *become; /* BECOME: this, followed by the value or by what follows the prefix */
    const char *reason;
};

const struct rule *find_rule(enum scope scope, const char *argument);

/* rewrite.c: one call of the driver. */
struct job {
    const struct conf *conf;
    const char *output;
    bool cxx; /* called as c++ */
    bool has_cxx_input, has_language, has_debug, has_cxx_library, has_version_script, reads_stdin;
    bool stops, compiles, links, links_cxx, shared, is_static, relocatable, checks_only;
    bool no_headers, no_libraries, asks_libc; /* asks_libc: by -lc or the name of another part of it */
    struct list out;                 /* arguments for zig */
    struct list includes, libraries; /* directories that come after everything else */
};

struct job survey(const struct conf *conf, bool cxx, const struct list *arguments);
void rewrite(struct job *job, const struct list *arguments);

/* linker.c */
void rewrite_linker(struct job *job, const struct list *tokens);
bool links_statically(void);

/* cpu.c */
const char *cpu_option(const char *value, const char *floor);

/* libraries.c */
void add_directory(struct job *job, const char *option, const char *directory);
const char *zig_library(const struct conf *conf, const char *path);
void add_library(struct job *job, const char *name);
void add_gnu_cxx_headers(struct job *job);
void add_gnu_cxx_libraries(struct job *job);
void add_sysroot(struct job *job);

#endif
