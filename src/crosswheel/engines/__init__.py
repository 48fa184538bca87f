"""How a wheel is built: which Python runs the build backend, and which compiler it finds.

``cross`` (``cross.py``) runs a native Python that describes the target; ``hybrid``, ``hybrid-gcc``, ``native`` and
``emulated`` (``in_root.py``) run the root's own. ``hooks.py`` then calls the build backend alike for all of them.
"""
