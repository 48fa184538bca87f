/* One call of the driver: what it is about, and its arguments rule by rule. */
#include "wrapper.h"

static const char *const cxx_suffixes[] = {".cpp", ".cc", ".cxx", ".c++", ".C", ".cp", ".CPP", ".ii",
                                           ".hpp", ".hh", ".hxx", ".ixx", NULL};
static const char *const source_suffixes[] = {".c", ".i", ".S", ".s", ".sx", ".h", ".m", NULL};
static const char *const stops[] = {"-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", NULL};

static void survey_language(struct job *job, const char *language) {
    job->has_language = true;
    job->has_cxx_input |= starts(language, "c++");
    job->compiles |= !equal(language, "none");
}

static void survey_input(struct job *job, const char *path) {
    job->reads_stdin |= equal(path, "-");
    job->has_cxx_input |= any(cxx_suffixes, path, ends);
    job->compiles |= any(cxx_suffixes, path, ends) || any(source_suffixes, path, ends) || equal(path, "-");
}

static void survey_option(struct job *job, const char *option) {
    job->stops |= any(stops, option, equal);
    job->compiles |= any(stops, option, equal);
    job->checks_only |= equal(option, "-fsyntax-only");
    job->shared |= equal(option, "-shared");
    job->is_static |= equal(option, "-static") || equal(option, "-static-pie");
    job->relocatable |= equal(option, "-r") || equal(option, "-Wl,-r");
    job->has_debug |= starts(option, "-g") && !starts(option, "-gcc");
    job->no_headers |= equal(option, "-nostdinc");
    job->no_libraries |= equal(option, "-nostdlib") || equal(option, "-nodefaultlibs");
    job->has_cxx_library |= equal(option, "-lstdc++") || equal(option, "-lc++");
}

struct job survey(const struct conf *conf, bool cxx, const struct list *arguments) {
    struct job job = {.conf = conf, .cxx = cxx, .output = "a.out"};
    for (size_t i = 0; i < arguments->count; i++) {
        const char *argument = arguments->at[i], *next = i + 1 < arguments->count ? arguments->at[i + 1] : "";
        const struct rule *rule = find_rule(DRIVER, argument);
        bool takes_next = (rule && rule->form == VALUE) || equal(argument, "-Xlinker");
        if (argument[0] != '-' || equal(argument, "-"))
            survey_input(&job, argument);
        else
            survey_option(&job, argument);
        if (equal(argument, "-x"))
            survey_language(&job, next);
        else if (starts(argument, "-x"))
            survey_language(&job, argument + 2);
        else if (equal(argument, "-o"))
            job.output = next;
        else if (starts(argument, "-o") && argument[2])
            job.output = argument + 2;
        i += takes_next;
    }
    job.links = !job.stops;
    job.links_cxx = job.links && (cxx || job.has_cxx_library) && !job.no_libraries;
    return job;
}

/* -Wp,-DNAME,-MD,FILE: what the preprocessor of old took as words of its own. */
static void rewrite_preprocessor(struct job *job, const char *list) {
    struct list words = split(list, ',');
    for (size_t i = 0; i < words.count; i++) {
        const char *word = words.at[i];
        bool dependencies = equal(word, "-MD") || equal(word, "-MMD");
        push(&job->out, word);
        if (dependencies && i + 1 < words.count) {
            push(&job->out, "-MF");
            push(&job->out, words.at[++i]);
        }
    }
}

static void keep(struct job *job, const struct rule *rule, const char *argument, const char *value) {
    if (rule->action == BECOME) {
        push(&job->out, join(rule->become, value ? value : ""));
        return;
    }
    if (job->checks_only && starts(argument, "-o"))
        return;
    push(&job->out, argument);
    if (rule->form == VALUE && value)
        push(&job->out, value);
}

/* :param value: what follows a PREFIX or is the next argument of a VALUE. */
static void apply(struct job *job, const struct rule *rule, const char *argument, const char *value) {
    switch (rule->action) {
    case DROP:
        record(job->conf, "drop", join(argument, ": ", rule->reason));
        return;
    case REFUSE_LINK:
        if (!job->links) {
            push(&job->out, argument);
            return;
        }
        refuse(job->conf, argument, rule->reason);
    case REFUSE:
        refuse(job->conf, argument, rule->reason);
    case COMPILE:
        if (job->compiles)
            push(&job->out, rule->become ? rule->become : argument);
        return;
    case CPU:
        if (job->compiles)
            push(&job->out, cpu_option(value, job->conf->cpu));
        return;
    case PREPROCESSOR:
        rewrite_preprocessor(job, value);
        return;
    case HOST_DIR:
        add_directory(job, rule->text, value);
        return;
    case LIBRARY:
        add_library(job, value);
        return;
    default:
        keep(job, rule, argument, value);
    }
}

/* Gather neighbouring -Wl, and -Xlinker arguments, so that `-Xlinker -rpath -Xlinker DIR` is one option. */
static size_t gather_linker(struct list *tokens, const struct list *arguments, size_t i) {
    for (; i < arguments->count; i++) {
        const char *argument = arguments->at[i];
        if (starts(argument, "-Wl,")) {
            struct list parts = split(argument + 4, ',');
            push_all(tokens, &parts);
        } else if (equal(argument, "-Xlinker") && i + 1 < arguments->count) {
            push(tokens, arguments->at[++i]);
        } else {
            break;
        }
    }
    return i;
}

void rewrite(struct job *job, const struct list *arguments) {
    for (size_t i = 0; i < arguments->count;) {
        struct list tokens = {0};
        i = gather_linker(&tokens, arguments, i);
        if (tokens.count) {
            rewrite_linker(job, &tokens);
            continue;
        }
        const char *argument = arguments->at[i++], *value = NULL;
        const struct rule *rule = find_rule(DRIVER, argument);
        if (!rule) {
            const char *library = zig_library(job->conf, argument);
            if (library)
                add_library(job, library);
            else if (!equal(argument, "-fsyntax-only"))
                push(&job->out, argument);
            continue;
        }
        if (rule->form == PREFIX)
            value = argument + size(rule->text);
        else if (rule->form == VALUE && i < arguments->count)
            value = arguments->at[i++];
        if (rule->form == VALUE && !value)
            fail(join("argument to '", argument, "' is missing"));
        apply(job, rule, argument, value);
    }
}
