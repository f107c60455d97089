"""Build the optional native kernel; everything else stands in pyproject.toml."""

from glob import glob

from setuptools import Extension, setup

NATIVE = "sklearn_scat/engines/native"

setup(
    ext_modules=[
        Extension(
            "sklearn_scat.engines._kernel",
            sources=sorted(glob(f"{NATIVE}/*.cpp")),
            depends=sorted(glob(f"{NATIVE}/*.h")),
            extra_compile_args=[  # known to GCC and Clang alike
                "-O3",
                "-g0",
                "-std=c++17",
                "-fno-math-errno",
                "-fno-trapping-math",
                "-fvisibility=hidden",
                "-pthread",
                "-Wno-psabi",  # vectors never cross a translation unit
            ],
            extra_link_args=["-pthread"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
            optional=True,  # without a compiler the torch path serves
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
