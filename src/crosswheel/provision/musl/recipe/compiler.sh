#!/bin/sh
# zig under GCC's names: what CPython and its libraries are compiled by, and what CPython notes as its compiler.
case ${0##*/} in
ar | ranlib) exec /crosswheel/zig/zig "${0##*/}" "$@" ;;
gcc) language=cc ;;
g++) language=c++ ;;
esac
for word; do
  shift
  case $word in
  -I/usr/* | -L/usr/*) ;; # setup.py of CPython up to 3.11 looks there, whatever the target
  -static) ;;             # libtool tries it: zig would compile all of musl first
  *) set -- "$@" "$word" ;;
  esac
done
# -dynamic: zig would link musl statically. CPython tells the time of its build, which zig takes for an error.
exec /crosswheel/zig/zig "$language" -target "$ZIG_TARGET" -dynamic -fno-sanitize=all -s -Wno-date-time "$@" -g0
