"""Where things are seen in every sandbox of a build. Fixed, so that compilers' caches hit in later runs."""

BASE = "/crosswheel"
PROJECT = f"{BASE}/project"
# Where cibuildwheel has the project, which projects write into variables and scripts: the same directory.
USUAL_PROJECT = "/project"
HOME = f"{BASE}/home"
DIST = f"{BASE}/dist"
JOB = f"{BASE}/job"
NATIVE_LIB = f"{JOB}/native-lib"  # the C library of native programs in a root of another architecture
ENVIRONMENT = f"{BASE}/env"  # the build's isolated environment
BEFORE_ENVIRONMENT = f"{BASE}/before"  # what before-build installs into
HOOKS = f"{BASE}/hooks"
CONTROL = f"{BASE}/control"
COMMANDS = f"{BASE}/commands"  # what a shell offers: the build step, the test
CARGO = f"{BASE}/cargo"  # cargo's home: its downloads, kept between runs
RUST = f"{BASE}/rust"  # rustc, cargo and what they run with
NATIVE_BIN = f"{BASE}/native-bin"  # compilers for this machine, where the build is for another
SYSROOT = f"{BASE}/sysroot"
GCC = f"{BASE}/gcc"  # Debian's cross compilers
CCACHE = f"{BASE}/ccache"
COMPILATIONS = f"{BASE}/compilations"  # what ccache keeps between runs
COMPILATIONS_OF_JOB = f"{JOB}/compilations"  # its settings for a job, and what it did
UV = f"{BASE}/uv"
UV_LIB = f"{BASE}/uv-lib"  # the C library that uv runs with in a target's root
CERTIFICATES = f"{BASE}/certificates.pem"  # those that this machine trusts, where its /etc is not seen
UV_CACHE = f"{BASE}/uv-cache"
# Where compilers are seen: no path of a native build, unlike those of the project and its environment.
TOOLS = ("bin", "cxx", "job", "musl", "sysroot", "zig", "zig-cache")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
