import bound

assert bound.processor() == "aarch64"
assert bound.exp(0.0) == 1.0
assert bound.zlib().startswith("1.")
try:
    bound.processor(fail=True)
except IndexError as error:
    assert str(error) == "as asked"
else:
    raise SystemExit("the C++ exception got lost")
