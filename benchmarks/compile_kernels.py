"""Compile every Triton kernel for GPUs that need not be here, and count what it takes.

    python benchmarks/compile_kernels.py
    python benchmarks/compile_kernels.py --archs 90 --sides 16 64

Prints, for each variant that the engine launches, registers of a thread, bytes that a
thread spills to memory, and shared memory of a program in bytes, as ptxas counts them.
Fails where a variant spills.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import triton
from triton.backends.compiler import GPUTarget

from sklearn_scat.engines._triton_kernels import average_warps, kernels

_INTEGERS = "m n L h w angles inner paths first stride groups".split()
_COUNTS = re.compile(
    r"(\d+) bytes spill stores, (\d+) bytes spill loads.*?Used (\d+) registers", re.S
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--archs", nargs="+", type=int, default=[80, 90], help="80: A100, 90: H100")
    add("--sides", nargs="+", type=int, default=[16, 32, 64], help="of averages")
    arguments = parser.parse_args()
    print(f"{'sm':3} {'kernel':62} {'registers':>9} {'spilled':>7} {'shared':>6}")
    spilled = 0
    for arch in arguments.archs:
        for kernel, warps, constants in variants(arguments.sides):
            registers, spills, shared = count(kernel, arch, warps, constants)
            name = f"{kernel.fn.__name__} {described(constants)}"
            print(f"{arch:3} {name:62} {registers:9} {spills:7} {shared:6}", flush=True)
            spilled += spills
    return int(spilled > 0)


def variants(sides):
    """Yield kernels, their warps and constants, as the engine launches them."""
    multiply_fold, modulus_average = kernels(False)
    for k in (1, 2, 4):
        yield multiply_fold, 4, {"k": k, "ANGLES": 8, "BLOCK": 128}
    kinds = [(False, False), (True, True), (True, False)]
    for (is_complex, keep), height, width in product(kinds, sides, sides):
        yield (
            modulus_average,
            average_warps(height, width),
            {
                "COMPLEX": is_complex,
                "KEEP": keep,
                "ROWS": 16,
                "COLUMNS": 16,
                "HEIGHT": height,
                "WIDTH": width,
            },
        )


def count(kernel, arch, warps, constants):
    """Return registers, spilled bytes and shared memory of a compiled variant."""
    kinds = dict.fromkeys(_INTEGERS, "i32") | dict.fromkeys(constants, "constexpr")
    signature = {name: kinds.get(name, "*fp32") for name in kernel.arg_names}
    source = triton.compiler.ASTSource(kernel, signature, constexprs=constants)
    target, options = GPUTarget("cuda", arch, 32), {"num_warps": warps}
    binary = triton.compile(source, target=target, options=options)
    with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
        file.write(binary.asm["ptx"])
        file.flush()
        command = [ptxas(), "-v", f"-arch={target_name(binary)}", file.name]
        command += ["-o", "/dev/null"]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    stores, loads, registers = map(int, _COUNTS.search(run.stderr).groups())
    return registers, stores + loads, binary.metadata.shared


def target_name(binary):
    """Return the architecture that a compiled kernel is for, as sm_90a."""
    return re.search(r"^\.target (\w+)", binary.asm["ptx"], re.M)[1]


def ptxas():
    """Return the path of the assembler that comes with Triton."""
    return str(next(Path(triton.__file__).parent.rglob("ptxas")))


def described(constants):
    return " ".join(f"{name}={int(value)}" for name, value in constants.items())


if __name__ == "__main__":
    sys.exit(main())
