/* -march= and -mcpu= in GCC's spelling -> zig's -mcpu=: `generic+v8_2a+fullfp16`, `cortex_a72+crc`. */
#include "wrapper.h"

/* GCC's names of AArch64 extensions that zig spells otherwise; a second name where one stands for two. */
static const struct {
    const char *gcc, *zig, *also;
} features[] = {
    {"crypto", "aes", "sha2"},       {"fcma", "complxnum", NULL},  {"fhm", "fp16fml", NULL},
    {"fp", "fp_armv8", NULL},        {"fp16", "fullfp16", NULL},   {"memtag", "mte", NULL},
    {"profile", "spe", NULL},        {"rdma", "rdm", NULL},        {"rng", "rand", NULL},
    {"simd", "neon", NULL},          {"jscvt", "jsconv", NULL},
};

static const char *underscores(const char *name) {
    char *copy = part(name, size(name));
    for (char *at = copy; *at; at++)
        if (*at == '-' || *at == '.')
            *at = '_';
    return copy;
}

static const char *with_feature(const char *cpu, const char *feature) {
    bool off = starts(feature, "no");
    const char *sign = off ? "-" : "+", *name = feature + (off ? 2 : 0);
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        if (!equal(name, features[i].gcc))
            continue;
        cpu = join(cpu, sign, features[i].zig);
        return features[i].also ? join(cpu, sign, features[i].also) : cpu;
    }
    return join(cpu, sign, underscores(name));
}

/* `gcv_zba` of `rv64gcv_zba`: an extension is a letter, or a word after `_`; g and c are in the baseline. */
static const char *riscv(const char *extensions) {
    struct list words = split(extensions, '_');
    const char *cpu = "baseline_rv64";
    for (const char *letter = words.at[0]; *letter; letter++)
        if (!find("imafdgc", *letter))
            cpu = join(cpu, "+", part(letter, 1));
    for (size_t i = 1; i < words.count; i++)
        cpu = join(cpu, "+", words.at[i]);
    return cpu;
}

/* `armv8.2-a` -> `generic+v8_2a`; armv8-a is what `generic` means; `power9` -> `pwr9`. */
static const char *baseline(const char *name) {
    if (starts(name, "rv64"))
        return riscv(name + 4);
    if (starts(name, "power") && name[5] >= '0' && name[5] <= '9')
        return join("pwr", name + 5);
    if (!starts(name, "armv") || !ends(name, "-a"))
        return underscores(name);
    const char *version = part(name + 4, size(name) - 6);
    if (equal(version, "8") || equal(version, "8.0"))
        return "generic";
    return join("generic+v", underscores(version), "a");
}

const char *cpu_option(const char *value, const char *floor) {
    struct list parts = split(value, '+');
    if (find(value, '_') && !starts(value, "rv64")) /* in zig's spelling already: `generic+v8_2a-neon` */
        return join("-mcpu=", value);
    const char *cpu = baseline(parts.at[0]);
    if (floor && starts(floor, join(cpu, "-"))) /* armv7-a: in GCC's spelling without what is named beside it */
        cpu = floor;
    for (size_t i = 1; i < parts.count; i++)
        cpu = with_feature(cpu, parts.at[i]);
    return join("-mcpu=", cpu);
}
