"""Everything a job needs before it can build: roots, Pythons, toolchains, emulation, sandboxes."""
