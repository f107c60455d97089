#!/usr/bin/env bash
# The native kernel for Arm without one: compiled for it, and run by qemu on 25 random
# configurations, against the definition and this processor's kernel.
#
#     bash benchmarks/arm.sh
#
# Needs g++-aarch64-linux-gnu, qemu-user and the package with its kernel.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler=${ARM_CXX:-aarch64-linux-gnu-g++}
flags=(-O1 -g0 -std=c++17 -fno-math-errno -fno-trapping-math -Wall -Wno-psabi) # -O3: minutes

"${PYTHON:-python3}" benchmarks/arm_cases.py "$work/cases" &
cases=$!
native=sklearn_scat/engines/native
"$compiler" "${flags[@]}" -static benchmarks/arm_cases.cpp "$native"/plan.cpp \
    "$native"/backward.cpp "$native"/kernel_neon.cpp -o "$work/arm_cases"
wait $cases
qemu-aarch64 "$work/arm_cases" "$work/cases"
