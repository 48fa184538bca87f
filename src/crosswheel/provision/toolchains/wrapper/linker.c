/* Arguments for the linker, one token at a time: from -Wl,a,b and -Xlinker a. */
#include "wrapper.h"

/* What --push-state saves. */
static struct state {
    bool as_needed, whole_archive, is_static;
} now, saved[16];
static size_t depth;

static const struct {
    const char *on, *off;
    size_t place;
} switches[] = {
    {"--as-needed", "--no-as-needed", offsetof(struct state, as_needed)},
    {"--whole-archive", "--no-whole-archive", offsetof(struct state, whole_archive)},
    {"-Bstatic", "-Bdynamic", offsetof(struct state, is_static)},
};

static bool *place(struct state *state, size_t i) { return (bool *)((char *)state + switches[i].place); }

bool links_statically(void) { return now.is_static; }

static const char *bare(const char *token) {
    while (*token == '-')
        token++;
    return token;
}

static void note_state(const char *token) {
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (equal(bare(token), bare(switches[i].on)))
            *place(&now, i) = true;
        if (equal(bare(token), bare(switches[i].off)))
            *place(&now, i) = false;
    }
}

static void pop(struct job *job) {
    if (!depth)
        return;
    struct state before = now;
    now = saved[--depth];
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if (*place(&before, i) != *place(&now, i))
            push(&job->out, join("-Wl,", *place(&now, i) ? switches[i].on : switches[i].off));
}

static void apply(struct job *job, const struct rule *rule, const char *token, const char *value) {
    switch (rule->action) {
    case DROP:
        record(job->conf, "drop", join("-Wl,", token, ": ", rule->reason));
        break;
    case REFUSE:
        refuse(job->conf, token, rule->reason);
    case PUSH:
        if (depth < sizeof saved / sizeof *saved)
            saved[depth++] = now;
        break;
    case POP:
        pop(job);
        break;
    case BECOME:
        if (equal(rule->become, "-L"))
            add_directory(job, "-L", value);
        else
            push(&job->out, value ? join("-Wl,", rule->become, ",", value) : join("-Wl,", rule->become));
        break;
    default:
        job->has_version_script |= equal(rule->text, "version-script");
        push(&job->out, value ? join("-Wl,-", size(rule->text) > 1 ? join("-", rule->text) : rule->text, ",", value)
                              : join("-Wl,", token));
    }
}

/* A file or library named inside -Wl: zig takes it as an argument of its own. */
static bool is_input(struct job *job, const char *token) {
    if (starts(token, "-l") && token[2])
        add_library(job, token + 2);
    else if (starts(token, "-L") && token[2])
        add_directory(job, "-L", token + 2);
    else if (token[0] != '-' && !equal(token, "(") && !equal(token, ")"))
        push(&job->out, token);
    else
        return false;
    return true;
}

void rewrite_linker(struct job *job, const struct list *tokens) {
    for (size_t i = 0; i < tokens->count; i++) {
        const char *token = tokens->at[i], *next = i + 1 < tokens->count ? tokens->at[i + 1] : NULL;
        if (is_input(job, token))
            continue;
        if (equal(token, "-z") && next) {
            token = join("-z", next);
            i++;
        }
        const char *key = starts(token, "-z") && token[2] ? join("z ", token + 2) : bare(token);
        const struct rule *rule = find_rule(LINKER, key);
        note_state(token);
        if (!rule) {
            push(&job->out, starts(key, "z ") ? join("-Wl,-z,", key + 2) : join("-Wl,", token));
            continue;
        }
        const char *value = NULL;
        if (rule->form == VALUE) {
            value = find(key, '=');
            if (value)
                value++;
            else if (next) {
                value = next;
                i++;
            }
        }
        apply(job, rule, token, value);
    }
}
