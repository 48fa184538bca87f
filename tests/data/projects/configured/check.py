import os
import platform

import colorama
import configured
import packaging

assert platform.machine() == "aarch64", platform.machine()
assert configured.trace == ("before-all hello world; before-build hello world; setup.py hello world"), (
    configured.trace
)
assert os.environ["BOTH"] == "hello world", os.environ["BOTH"]
assert packaging.__version__ == "25.0"
assert colorama.__version__ == "0.4.6"
