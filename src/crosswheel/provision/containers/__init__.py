"""The sandbox ``container``: views of the build as containers of docker or podman.

From the engine upwards: ``client`` asks it, ``choice`` finds it, ``private`` runs podman without it knowing of the
user's; ``images`` gives it roots, ``trees`` moves files in and out, ``container`` is the life of one container, and
``sandbox`` makes views of them.
"""
