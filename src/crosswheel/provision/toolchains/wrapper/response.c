/* @file arguments, read as GCC reads them: white space separates, quotes and backslashes protect. */
#include "wrapper.h"

enum { DEEPEST = 16, SPACE_FOR_ARGUMENTS = 512 * 1024, ARGUMENTS_FILE = 100 };

static bool is_space(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }

/* Take one word from *cursor to *room, which has space for all that is left; NULL at the end. */
static const char *word(const char **cursor, char **room) {
    const char *in = *cursor, *result = *room;
    char *out = *room, quote = 0;
    while (is_space(*in))
        in++;
    if (!*in)
        return NULL;
    for (; *in && (quote || !is_space(*in)); in++) {
        if (*in == '\\' && in[1])
            *out++ = *++in;
        else if (quote ? *in == quote : *in == '\'' || *in == '"')
            quote = quote ? 0 : *in;
        else
            *out++ = *in;
    }
    *out++ = 0;
    *cursor = in;
    *room = out;
    return result;
}

static void expand(struct list *out, const char *argument, int depth) {
    const char *cursor = argument[0] == '@' && depth < DEEPEST ? contents(argument + 1) : NULL, *next;
    if (!cursor) { /* an @file that cannot be read is an argument, as for GCC */
        push(out, argument);
        return;
    }
    char *room = memory(size(cursor) + 2);
    while ((next = word(&cursor, &room)))
        expand(out, next, depth + 1);
}

struct list expand_response_files(const struct list *arguments) {
    struct list out = {0};
    for (size_t i = 0; i < arguments->count; i++)
        expand(&out, arguments->at[i], 0);
    return out;
}

static const char *quoted(const char *argument) {
    char *result = memory(2 * size(argument) + 2), *at = result;
    for (; *argument; argument++) {
        if (is_space(*argument) || *argument == '\'' || *argument == '"' || *argument == '\\')
            *at++ = '\\';
        *at++ = *argument;
    }
    *at++ = '\n';
    *at = 0;
    return result;
}

bool is_long(const struct list *command) {
    size_t length = 0;
    for (size_t i = 0; i < command->count; i++)
        length += size(command->at[i]) + 1;
    return length >= SPACE_FOR_ARGUMENTS;
}

/* More arguments than execve takes (2 MiB, the environment included) go to zig by a file in memory. */
void shorten(struct list *command) {
    if (!is_long(command))
        return;
    if (!make_memory_file(ARGUMENTS_FILE))
        fail("no memory for a long list of arguments");
    for (size_t i = 2; i < command->count; i++) {
        const char *line = quoted(command->at[i]);
        write_all(ARGUMENTS_FILE, line, size(line));
    }
    rewind_file(ARGUMENTS_FILE);
    command->count = 2;
    push(command, "@/proc/self/fd/100");
}
