"""CMake's toolchain file, which CMake 3.21 and newer take from the environment."""

from crosswheel.architectures import HOST
from crosswheel.engines.backends.recipe import Recipe
from crosswheel.engines.record import TargetRecord
from crosswheel.site import places

_FILE = "toolchain.cmake"
# The build machine's libraries and packages; its programs are found all the same.
_HOST_LIBRARIES = (
    "/usr/lib",
    "/usr/lib64",
    f"/usr/lib/{HOST.triplet}",
    "/lib",
    "/lib64",
    f"/lib/{HOST.triplet}",
)
# No CMAKE_SYSTEM_NAME, which would say "cross": CMake would neither ask the Python, which answers for the target
# (FindPython 3.25 leaves Python_SOABI empty), nor run what it built (try_run), which runs in the sandbox as it is.
_TEXT = """\
set(CMAKE_HOST_SYSTEM_PROCESSOR {processor})
set(CMAKE_LIBRARY_ARCHITECTURE {triplet})

set(CMAKE_C_COMPILER "{CC}")
set(CMAKE_CXX_COMPILER "{CXX}")
set(CMAKE_ASM_COMPILER "{CC}")
set(CMAKE_AR "{AR}" CACHE FILEPATH "")
set(CMAKE_RANLIB "{RANLIB}" CACHE FILEPATH "")
set(CMAKE_STRIP "{STRIP}" CACHE FILEPATH "")

set(CMAKE_FIND_ROOT_PATH "{sysroot}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(CMAKE_IGNORE_PATH {host_libraries})
set(CMAKE_IGNORE_PREFIX_PATH / /usr /usr/local)
list(APPEND CMAKE_SYSTEM_PREFIX_PATH "{sysroot}/usr/local" "{sysroot}/usr")

foreach(prefix Python Python3 PYTHON)
  set(${{prefix}}_SOABI "{soabi}" CACHE STRING "")
  set(${{prefix}}_INCLUDE_DIR "{include}" CACHE PATH "")
endforeach()
set(PYTHON_MODULE_EXTENSION "{ext_suffix}" CACHE STRING "")
set(PYTHON_IS_DEBUG 0 CACHE BOOL "")
set(NB_SUFFIX "{ext_suffix}" CACHE STRING "")
"""


def recipe(record: TargetRecord) -> Recipe:
    """A toolchain file, for scikit-build-core, setup.py and plain ``cmake`` alike."""
    return Recipe(
        files={_FILE: toolchain_file(record)}, env={"CMAKE_TOOLCHAIN_FILE": f"{places.JOB}/{_FILE}"}
    )


def toolchain_file(record: TargetRecord) -> str:
    """The target as a toolchain file.

    The hints are those of FindPython, pybind11 (``PYTHON_MODULE_EXTENSION``) and nanobind (``NB_SUFFIX``).
    """
    return _TEXT.format(
        processor=record.arch.name,
        triplet=record.target.triplet,
        sysroot=record.sysroot,
        host_libraries=" ".join(_HOST_LIBRARIES),
        soabi=record.soabi,
        include=record.include,
        ext_suffix=record.ext_suffix,
        **record.tools,
    )
