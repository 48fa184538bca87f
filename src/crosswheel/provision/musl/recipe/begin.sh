# Read by the recipes: compilers on PATH, and where sources are unpacked. They run in a root of Debian for x86_64.
#   ZIG_TARGET   aarch64-linux-musl
#   HOST_TRIPLET aarch64-unknown-linux-musl, the target as configure names it
#   JOBS         how many compilers run at once
#   BITS, ORDER  32 or 64; LITTLE or BIG
set -eu
here=/crosswheel
cd "$here/work"
mkdir bin
for name in gcc g++ ar ranlib; do
  install -m 755 "$here/recipe/compiler.sh" "bin/$name"
done
export PATH="$PWD/bin:$PATH" CC=gcc CXX=g++ AR=ar RANLIB=ranlib READELF=/usr/bin/readelf
# Objects are linked once: they go with the working directory, and only zig's own libraries are kept.
export ZIG_GLOBAL_CACHE_DIR="$here/zig-cache" ZIG_LOCAL_CACHE_DIR="$here/work/zig-cache"
# CPython up to 3.12 learns from the build machine's name that the C library is musl (bpo-43112).
machines="--build=x86_64-pc-linux-musl --host=$HOST_TRIPLET"

unpack() { # NAME: the upstream part of a source package; the working directory is then in it
  mkdir "$here/work/$1"
  python3 -m tarfile -e "$here/sources/$1"_*.orig.tar.* "$here/work/$1" # the root has no bzip2
  cd "$here/work/$1"/*
}
