"""Starts a daemon that wants to outlive the build, and hangs."""

import subprocess
import sys
import time

forever = [sys.executable, "-c", "import time; time.sleep(1e6)  # a daemon of the project hanging"]
subprocess.Popen(forever, start_new_session=True)
sys.stderr.write("hanging now\n")
time.sleep(1e6)
