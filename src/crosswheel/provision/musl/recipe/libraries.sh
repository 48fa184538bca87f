# What CPython's extension modules need beyond the C library, linked into them statically.
. /crosswheel/recipe/begin.sh
export CFLAGS="-O2 -fPIC"
static="$machines --prefix=$here/out --libdir=$here/out/lib --disable-shared --disable-dependency-tracking"
mkdir "$here/out/include" "$here/out/lib"

unpack zlib
CHOST=$HOST_TRIPLET ./configure --static --prefix="$here/out"
make -j"$JOBS" libz.a
cp zlib.h zconf.h "$here/out/include"
cp libz.a "$here/out/lib"

unpack bzip2
make -j"$JOBS" CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS -D_FILE_OFFSET_BITS=64" libbz2.a
cp bzlib.h "$here/out/include"
cp libbz2.a "$here/out/lib"

unpack xz-utils
./configure $static --disable-xz --disable-xzdec --disable-lzmadec --disable-lzmainfo --disable-scripts \
  --disable-doc --disable-nls
make -j"$JOBS" install

# Its test for a C++ compiler would have zig make libc++, which takes minutes; its static trampolines want a
# function that its own configure does not find with musl. zig warns of an option in configure's question whether
# symbols can be hidden, which it takes for a no: on i686 and s390x its assembly then does not link.
unpack libffi
CXX=$CC ./configure $static --disable-docs --disable-multi-os-directory --disable-exec-static-tramp \
  libffi_cv_hidden_visibility_attribute=yes
make -j"$JOBS" install
