# CPython for musl, installed into the root in $here/out, with the library of Debian's own Python of that version.
#   PYTHON   3.11
#   SUFFIX   t for the free-threaded one, else empty
. /crosswheel/recipe/begin.sh
libraries="$here/libraries"
# pkg-config would tell of this machine's libraries.
export CPPFLAGS="-I$libraries/include" LDFLAGS="-L$libraries/lib" PKG_CONFIG=false
native="/usr/bin/python$PYTHON"

unpack "python$PYTHON"
bundled="$PWD/Lib/ensurepip/_bundled"
# From 3.13 on configure knows musl by a macro of its stdarg.h; zig has clang's in its place.
if [ -f Misc/platform_triplet.c ]; then
  sed -i 's/ifdef __DEFINED_va_list/if 1/' Misc/platform_triplet.c
fi
# configure cannot run a program of the target: what it would ask one, it is told (Linux has /dev/ptmx).
./configure $machines --prefix=/usr/local --with-build-python="$native" --with-ensurepip=no \
  --with-openssl="$libraries" \
  --without-static-libpython --disable-test-modules ${SUFFIX:+--disable-gil} \
  ac_cv_file__dev_ptmx=yes ac_cv_file__dev_ptc=no ac_cv_buggy_getaddrinfo=no
make -j"$JOBS"
make install DESTDIR="$here/out"

cd "$here/out/usr/local"
ln -s python3 bin/python
library="lib/python$PYTHON$SUFFIX"
# What builds look up must not name directories that are gone.
sed -i "s#-I$libraries/include ##g; s# *-I$libraries/include##g; s# *-L$libraries/lib##g" \
  "$library"/_sysconfigdata_*.py "$library"/config-*/Makefile lib/pkgconfig/*.pc
find "$library" -name '*.opt-?.pyc' -delete
# What configure cannot leave out before CPython 3.10.
rm -rf "$library/test" "$library"/config-*/libpython*.a lib/libpython*.a
"$native" -m compileall -q -f -d "/usr/local/$library" "$library"/_sysconfigdata_*.py
# As ensurepip would: that runs pip, and the wheels of pip need nothing but unpacking.
for wheel in "$bundled"/*.whl; do
  "$native" -m zipfile -e "$wheel" "$library/site-packages"
done
