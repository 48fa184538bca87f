# What CPython's extension modules need beyond the C library, linked into them statically.
. /crosswheel/recipe/begin.sh
export CFLAGS="-O2 -fPIC"
static="$machines --prefix=$here/out --libdir=$here/out/lib --disable-shared --disable-dependency-tracking"
mkdir "$here/out/include" "$here/out/lib"

zlib() {
  unpack zlib
  CHOST=$HOST_TRIPLET ./configure --static --prefix="$here/out"
  make -j"$JOBS" libz.a
  cp zlib.h zconf.h "$here/out/include"
  cp libz.a "$here/out/lib"
}

bzip2() {
  unpack bzip2
  make -j"$JOBS" CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS -D_FILE_OFFSET_BITS=64" libbz2.a
  cp bzlib.h "$here/out/include"
  cp libbz2.a "$here/out/lib"
}

xz() {
  unpack xz-utils
  ./configure $static --disable-xz --disable-xzdec --disable-lzmadec --disable-lzmainfo --disable-scripts \
    --disable-doc --disable-nls
  make -j"$JOBS" install
}

# Its test for a C++ compiler would have zig make libc++, which takes minutes; its static trampolines want a
# function that its own configure does not find with musl. zig warns of an option in configure's question whether
# symbols can be hidden, which it takes for a no: on i686 and s390x its assembly then does not link.
libffi() {
  unpack libffi
  CXX=$CC ./configure $static --disable-docs --disable-multi-os-directory --disable-exec-static-tramp \
    libffi_cv_hidden_visibility_attribute=yes
  make -j"$JOBS" install
}

# SQLite in one file, as a Perl module has it: of Debian's own source that file is made by Tcl.
sqlite() {
  unpack libdbd-sqlite3-perl
  gcc $CFLAGS -DSQLITE_ENABLE_FTS3 -DSQLITE_ENABLE_FTS4 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -c sqlite3.c
  ar rcs "$here/out/lib/libsqlite3.a" sqlite3.o
  cp sqlite3.h "$here/out/include"
}

# In C alone and without what no module asks for. It looks for authorities in /etc/ssl/cert.pem. Of 64 bits a processor
# of 32 may know no atomic operation: clang then calls functions that zig's compiler-rt lacks, where a lock serves.
openssl() {
  unpack openssl
  PERL5LIB="$(echo "$here"/perl/usr/lib/*/perl/5.*.*):$(echo "$here"/perl/usr/share/perl/5.*.*)"
  export PERL5LIB
  perl Configure "linux-generic$BITS" "-D${ORDER}_ENDIAN" -DBROKEN_CLANG_ATOMICS --openssldir=/etc/ssl no-shared \
    no-asm no-tests no-dso no-engine no-legacy no-async no-aria no-bf no-camellia no-cast no-cmp no-cms no-ct no-des no-dtls no-ec2m \
    no-gost no-idea no-mdc2 no-ocsp no-rc2 no-rc4 no-seed no-sm2 no-sm4 no-srp no-ts no-whirlpool
  make -j"$JOBS" build_generated
  make -j"$JOBS" libcrypto.a libssl.a
  cp -r include/openssl "$here/out/include"
  cp libcrypto.a libssl.a "$here/out/lib"
}

# All at once: most of the time a configure asks one question after the other.
running=
for library in openssl sqlite xz libffi zlib bzip2; do
  "$library" >"$here/work/$library.log" 2>&1 &
  running="$running $library=$!"
done
for one in $running; do
  wait "${one#*=}" || {
    cat "$here/work/${one%=*}.log"
    exit 1
  }
done
