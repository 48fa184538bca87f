import bound

assert bound.processor() == "aarch64"
try:
    bound.processor(fail=True)
except IndexError as error:
    assert str(error) == "as asked"
else:
    raise SystemExit("the C++ exception got lost")
