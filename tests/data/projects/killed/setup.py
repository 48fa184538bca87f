"""Ends as a build ends that the kernel kills for want of memory."""

import os
import signal

os.write(2, b"compiling something large\n")
os.kill(os.getpid(), signal.SIGKILL)
