"""What programs, the kernel and emulators say where a machine is to blame, and why it is on this machine.

``symptoms.py`` is the table of what they say; ``reasons.py`` asks a machine for what explains it. Which rung of the
ladder may do better is the business of ``engines``.
"""

from crosswheel.recognition.machine import Emulator, Machine, Program, Scene
from crosswheel.recognition.reasons import Explanation, explain
from crosswheel.recognition.symptoms import SYMPTOMS, Found, Kind, Shipped, Symptom, recognise

__all__ = [
    "SYMPTOMS",
    "Emulator",
    "Explanation",
    "Found",
    "Kind",
    "Machine",
    "Program",
    "Scene",
    "Shipped",
    "Symptom",
    "explain",
    "recognise",
]
