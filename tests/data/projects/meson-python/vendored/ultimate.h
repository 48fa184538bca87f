#define ULTIMATE 42
