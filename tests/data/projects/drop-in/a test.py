from importlib.metadata import version

import colorama
import drop_in

assert colorama.__version__ == "0.4.6", "what before-test installed is still there"
assert version("packaging") == "24.2", "PIP_CONSTRAINT holds for the test's requirements"
assert "site-packages" in drop_in.__file__
