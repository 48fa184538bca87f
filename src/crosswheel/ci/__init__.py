"""Writes workflows of CI services; pure: files in, text out. Read ``workflow.py`` first, then ``rendering.py``."""

from crosswheel.ci.regions import merge
from crosswheel.ci.rendering import render
from crosswheel.ci.services import SERVICES, Service
from crosswheel.ci.workflow import ARMS, Arm, Entry, Workflow, shards, split

__all__ = ["ARMS", "SERVICES", "Arm", "Entry", "Service", "Workflow", "merge", "render", "shards", "split"]
