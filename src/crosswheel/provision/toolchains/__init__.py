"""Compilers that run on this machine and compile for a target: zig, behind the names of GCC's programs."""
