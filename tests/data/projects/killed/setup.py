"""Ends as a build ends that somebody kills."""

import os
import signal

os.write(2, b"compiling something large\n")
os.kill(os.getpid(), signal.SIGKILL)
