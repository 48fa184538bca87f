/* Strings, lists of strings and files. */
#include "wrapper.h"

#include <stdarg.h>

enum { CHUNK = 65536, OUTPUT = 1, ERRORS = 2 };

size_t size(const char *string) {
    size_t length = 0;
    while (string[length])
        length++;
    return length;
}

bool starts(const char *string, const char *prefix) {
    while (*prefix)
        if (*string++ != *prefix++)
            return false;
    return true;
}

bool equal(const char *left, const char *right) { return starts(left, right) && !left[size(right)]; }

bool ends(const char *string, const char *suffix) {
    size_t length = size(string), tail = size(suffix);
    return length >= tail && equal(string + length - tail, suffix);
}

const char *find(const char *string, char wanted) {
    for (; *string; string++)
        if (*string == wanted)
            return string;
    return NULL;
}

const char *find_last(const char *string, char wanted) {
    const char *found = NULL;
    while ((string = find(string, wanted)))
        found = string++;
    return found;
}

bool holds(const char *string, const char *part) {
    for (; *string; string++)
        if (starts(string, part))
            return true;
    return false;
}

char *part(const char *string, size_t length) {
    char *copy = memory(length + 1);
    for (size_t i = 0; i < length; i++)
        copy[i] = string[i];
    copy[length] = 0;
    return copy;
}

char *join_all(const char *first, ...) {
    va_list values;
    size_t length = 0;
    va_start(values, first);
    for (const char *next = first; next; next = va_arg(values, const char *))
        length += size(next);
    va_end(values);
    char *result = memory(length + 1), *at = result;
    va_start(values, first);
    for (const char *next = first; next; next = va_arg(values, const char *))
        while (*next)
            *at++ = *next++;
    va_end(values);
    *at = 0;
    return result;
}

static void write_line(long file, const char *line) {
    const char *whole = join(line, "\n"); /* in one write: calls of a parallel build share a file */
    write_all(file, whole, size(whole));
}

void say(const char *line) { write_line(OUTPUT, line); }
void complain(const char *line) { write_line(ERRORS, line); }

void fail(const char *sentence) {
    complain(join("crosswheel: ", sentence));
    leave(1);
}

void push(struct list *list, const char *string) {
    if (list->count + 1 >= list->room) {
        const char **old = list->at;
        list->room = list->room ? list->room * 2 : 64;
        list->at = memory(list->room * sizeof *list->at);
        for (size_t i = 0; i < list->count; i++)
            list->at[i] = old[i];
    }
    list->at[list->count++] = string;
    list->at[list->count] = NULL; /* always ready for execve */
}

void push_all(struct list *list, const struct list *other) {
    for (size_t i = 0; i < other->count; i++)
        push(list, other->at[i]);
}

bool contains(const struct list *list, const char *string) {
    for (size_t i = 0; i < list->count; i++)
        if (equal(list->at[i], string))
            return true;
    return false;
}

/* Whether the test holds of an argument and any of a list that ends with NULL. */
bool any(const char *const *list, const char *argument, bool (*test)(const char *, const char *)) {
    for (; *list; list++)
        if (test(argument, *list))
            return true;
    return false;
}

struct list split(const char *string, char separator) {
    struct list parts = {0};
    const char *end;
    for (; (end = find(string, separator)); string = end + 1)
        push(&parts, part(string, (size_t)(end - string)));
    push(&parts, string);
    return parts;
}

static bool opens(const char *path, int flags) {
    long file = open_file(path, PATH_ONLY | flags, 0);
    if (file >= 0)
        close_file(file);
    return file >= 0;
}

bool is_directory(const char *path) { return opens(path, DIRECTORY); }
bool is_file(const char *path) { return opens(path, 0) && !is_directory(path); }

char *contents(const char *path) {
    long file = open_file(path, READ, 0), done;
    size_t length = 0, room = CHUNK;
    char *buffer = memory(room + 1);
    if (file < 0)
        return NULL;
    while ((done = read_some(file, buffer + length, room - length)) > 0) {
        length += (size_t)done;
        if (length == room) {
            char *larger = memory(2 * room + 1);
            for (size_t i = 0; i < length; i++)
                larger[i] = buffer[i];
            buffer = larger;
            room *= 2;
        }
    }
    close_file(file);
    buffer[length] = 0;
    return done < 0 ? NULL : buffer; /* a directory opens but cannot be read */
}

void copy_file(const char *from, const char *to) {
    static char chunk[CHUNK];
    long in = open_file(from, READ, 0), out = in < 0 ? in : open_file(to, WRITE | CREATE | TRUNCATE, 0777), done;
    if (out < 0)
        fail(join(from, " cannot be copied to ", to));
    while ((done = read_some(in, chunk, sizeof chunk)) > 0)
        if (!write_all(out, chunk, (size_t)done))
            fail(join(to, " cannot be written"));
    close_file(in);
    close_file(out);
}

void append_line(const char *path, const char *line) {
    long file = open_file(path, WRITE | APPEND | CREATE, 0666);
    if (file < 0) /* a record is no reason to fail a build */
        return;
    write_line(file, line);
    close_file(file);
}
