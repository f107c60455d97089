"""Everything that a GPU can show, in one command: tests, speed, error, memory.

    python benchmarks/device.py --out DIR
    python benchmarks/device.py --out DIR --parts tests engines --minutes 4
    TRITON_INTERPRET=1 python benchmarks/device.py --out DIR --rehearse

Run from the repository, with torch for CUDA and Triton. Packages that a machine without
a network lacks are installed from ``--wheels DIR``. Every part writes ``DIR/PART.json``
when it is done, and is not done again; with ``--minutes`` no part begins later than
that, so that a short loan of a device gives what fits. Ends with a table of what is
there. ``--rehearse`` does the same on the CPU, with images of 8×8 and Triton's
interpreter.

The floor of a case is the larger of two times: that of its flops, counted as in
``speed.py``, at the measured rate of batched FFTs and products; and that of its bytes,
images in and coefficients out, at the measured rate of copies on the device.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
os.environ["SCIPY_ARRAY_API"] = "1"  # before SciPy is imported: dispatch asks for it

# (side, channels, J, images at once)
CASES = [
    (28, 1, 2, 4096),
    (32, 3, 2, 2048),
    (96, 3, 3, 256),
    (224, 3, 3, 64),
    (200, 1, 4, 128),
    (512, 1, 5, 16),
]
REHEARSED = [(8, 1, 1, 1)]
ENGINES = ("triton", "torch", "compiled")
TESTS = (
    "tests/engines/test_triton.py",
    "tests/test_device_copies.py",
    "tests/transformers/test_devices.py",
    "tests/transformers/test_array_api.py",
)


def main():
    arguments = parse()
    start = time.monotonic()
    if arguments.wheels:
        install(arguments.wheels)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.parts:
        path = arguments.out / f"{name}.json"
        if path.exists():
            continue
        if time.monotonic() - start > 60 * arguments.minutes:
            print(f"{name}: left for later", flush=True)
            continue
        began = time.monotonic()
        result = PARTS[name](arguments)
        path.write_text(json.dumps(result, indent=1))
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    report(arguments.out)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder of the results")
    add("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    add("--minutes", type=float, default=60, help="no part begins later")
    add("--wheels", help="folder of wheels to install from")
    add("--rehearse", action="store_true", help="on the CPU, tiny")
    arguments = parser.parse_args()
    arguments.device = "cpu" if arguments.rehearse else "cuda"
    return arguments


def install(wheels):
    """Install what the folder holds and this environment lacks."""
    files = sorted(str(path) for path in Path(wheels).glob("*.whl"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index"]
    subprocess.run([*command, "--no-deps", *files], check=True)


def machine(arguments):
    """Return what computes, and its rates of copies (bytes/s) and flops (flops/s)."""
    import torch

    name, memory = platform.processor() or platform.machine(), None
    if arguments.device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        name, memory = properties.name, properties.total_memory
    side = 64 if arguments.rehearse else 4096
    x = torch.randn(side, side, device=arguments.device)
    z = torch.randn(side // 2, 64, 64, dtype=torch.complex64, device=arguments.device)
    target = torch.empty_like(x)
    fft_flops = 5 * z.numel() * 12
    return {
        "device": name,
        "memory": memory,
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "triton": version("triton"),
        "copy_rate": 2 * x.nbytes / seconds(lambda: target.copy_(x), arguments),
        "product_rate": 2 * side**3 / seconds(lambda: x @ x, arguments),
        "fft_rate": fft_flops / seconds(lambda: torch.fft.fft2(z), arguments),
    }


def version(package):
    """Return the version of a package, or None where it is absent."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as found

    try:
        return found(package)
    except PackageNotFoundError:
        return None


def seconds(compute, arguments, *, budget=1.0):
    """Return the median time of a call, after some that are not counted."""
    import torch

    def wait():
        if arguments.device == "cuda":
            torch.cuda.synchronize()

    times, before, least = [], 6, 3  # graphs are recorded when a batch comes back
    if arguments.rehearse:
        budget, before, least = 0, 0, 1
    for _ in range(before):
        compute()
    wait()
    stop = time.perf_counter() + budget
    while time.perf_counter() < stop or len(times) < least:
        began = time.perf_counter()
        compute()
        wait()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def tests(arguments):
    """Run the tests that need a device; return pytest's last line."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    if not arguments.rehearse:
        environment.pop("TRITON_INTERPRET", None)
    chosen = TESTS[1:2] if arguments.rehearse else TESTS
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    (arguments.out / "tests.txt").write_text(run.stdout + run.stderr)
    lines = run.stdout.strip().splitlines() or [run.stderr.strip()[-300:]]
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return {"summary": lines[-1], "failed": failed}


def engines(arguments):
    """Return the time of every engine, case and pooling, from tensors on the device."""
    rows = []
    for case in REHEARSED if arguments.rehearse else CASES:
        for pooling in (None, "mean"):
            rows += [engine_row(e, case, pooling, arguments) for e in ENGINES]
    return rows


def engine_row(engine, case, pooling, arguments):
    """Return time, error and memory of one engine on one case."""
    import numpy as np
    import torch
    from speed import counted_flops

    side, channels, J, n = case
    x = torch.rand(n, channels, side, side, generator=torch.manual_seed(0))
    row = {"engine": engine, "case": f"{side}x{channels}xJ{J}", "pooling": pooling}
    try:
        compute = on_device(engine, case, pooling, arguments)
        images = x.to(arguments.device)
        if arguments.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        result = compute(images)
        if arguments.device == "cuda":
            row["peak_bytes"] = torch.cuda.max_memory_allocated()
        exact = by_definition(x[:2].numpy().astype(np.float64), J, pooling)
        found = result[:2].cpu().numpy().reshape(exact.shape)
        row["error"] = float(np.abs(found - exact).max() / np.abs(exact).max())
        took = seconds(lambda: compute(images), arguments)
    except Exception as error:  # one engine that fails leaves the others their table
        return row | {"failed": f"{type(error).__name__}: {error}"[:300]}
    row["microseconds"] = 1e6 * took / n
    row["flops"] = channels * counted_flops(side, J, means=pooling == "mean")
    row["bytes"] = images[:1].nbytes + result[:1].nbytes
    return row


def on_device(engine, case, pooling, arguments):
    """Return the function of a tensor by an engine, in its library, on its device."""
    import sklearn
    import torch

    from sklearn_scat import ScatteringTransformer

    side, channels, J, _ = case
    name = "torch" if engine == "compiled" else engine
    transformer = ScatteringTransformer(
        J, engine=name, pooling=pooling, device=arguments.device
    )
    shape = (1, channels, side, side)
    with sklearn.config_context(array_api_dispatch=True):
        transformer.fit(torch.zeros(shape, device=arguments.device))
    if engine == "compiled":
        return compiled(transformer, arguments)

    def compute(images):
        with sklearn.config_context(array_api_dispatch=True):
            return transformer.transform(images)

    return compute


def compiled(transformer, arguments):
    """Return the definition, compiled by torch; in rehearsal, only traced."""
    import torch

    from sklearn_scat.cascade import scattering

    operators = transformer._layers(torch.zeros(0, device=arguments.device))
    backend = "eager" if arguments.rehearse else "inductor"
    of_maps = torch.compile(lambda x: scattering(x, operators), backend=backend)
    return lambda images: of_maps(images.reshape(-1, *images.shape[-2:]))


def by_definition(images, J, pooling):
    """Return the coefficients of images in float64, by NumPy."""
    from sklearn_scat import ScatteringTransformer

    settings = {"engine": "definition", "device": "cpu", "pooling": pooling}
    return ScatteringTransformer(J, **settings).fit_transform(images)


def end_to_end(arguments):
    """Return images a second from NumPy into NumPy, in float32 and float16."""
    import numpy as np

    from sklearn_scat import ScatteringTransformer

    rows = []
    for side, channels, J, n in REHEARSED if arguments.rehearse else CASES:
        n *= 1 if arguments.rehearse else 8
        rng = np.random.default_rng(0)
        X = rng.random((n, channels, side, side), dtype=np.float32)
        for engine in ENGINES[:2]:
            for dtype in (None, "float16"):
                settings = {"engine": engine, "device": arguments.device}
                transformer = ScatteringTransformer(J, dtype=dtype, **settings).fit(X)
                out = transformer.transform(X)
                took = seconds(lambda: transformer.transform(X, out=out), arguments)  # noqa: B023
                rows.append(
                    {
                        "engine": engine,
                        "case": f"{side}x{channels}xJ{J}",
                        "dtype": str(out.dtype),
                        "images_per_second": n / took,
                        "bytes_per_second": (X.nbytes + out.nbytes) / took,
                    }
                )
    return rows


def pipeline(arguments):
    """Return the accuracy of a pipeline whose arrays never leave the device."""
    import sklearn
    import torch
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from sklearn_scat import ScatteringTransformer
    from sklearn_scat.datasets import load_digits_images

    X, y = load_digits_images(return_X_y=True)
    X = torch.asarray(X, dtype=torch.float32, device=arguments.device)
    y = torch.asarray(y, device=arguments.device)
    model = make_pipeline(
        ScatteringTransformer(J=4, pooling="mean", device=arguments.device),
        StandardScaler(),
        LinearDiscriminantAnalysis(),
    )
    with sklearn.config_context(array_api_dispatch=True):
        began = time.perf_counter()
        predicted = model.fit(X[:1000], y[:1000]).predict(X[1000:])
        took = time.perf_counter() - began
    return {
        "device": str(predicted.device),
        "accuracy": float((predicted == y[1000:]).float().mean()),
        "seconds": took,
    }


def training(arguments):
    """Return the time of a training step of a network over scattering, and without."""
    import torch

    from sklearn_scat.nn import WideResNet, scat_wrn

    width, batch = (1, 2) if arguments.rehearse else (8, 128)
    networks = {
        "scat_wrn": scat_wrn(width=width, in_channels=3),
        "wrn": WideResNet(width=width, in_channels=3),
    }
    x = torch.rand(batch, 3, 32, 32, device=arguments.device)
    y = torch.arange(batch, device=arguments.device) % 10
    steps = {}
    for name, network in networks.items():
        network = network.to(arguments.device).train()
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01)

        def step(network=network, optimizer=optimizer):
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(network(x), y).backward()
            optimizer.step()

        steps[name] = {"milliseconds": 1e3 * seconds(step, arguments)}
    return steps


PARTS = {
    "machine": machine,
    "tests": tests,
    "engines": engines,
    "end_to_end": end_to_end,
    "pipeline": pipeline,
    "training": training,
}


def report(out):
    """Print the parts that are there as tables."""
    found = {p.stem: json.loads(p.read_text()) for p in sorted(out.glob("*.json"))}
    rates = found.get("machine", {})
    for name, value in rates.items():
        print(f"{name}: {value:.3g}" if name.endswith("rate") else f"{name}: {value}")
    print(found.get("tests", {}).get("summary", "no tests"))
    for row in found.get("engines", []):
        means = "means" if row["pooling"] else "maps"
        print(f"{row['case']:12} {means:6} {row['engine']:9}", described(row, rates))
    for row in found.get("end_to_end", []):
        print(
            f"{row['case']:12} {row['dtype']:8} {row['engine']:9} "
            f"{row['images_per_second']:12.0f} images/s "
            f"{row['bytes_per_second'] / 1e9:7.2f} GB/s"
        )
    for name in ("pipeline", "training"):
        if name in found:
            print(f"{name}: {found[name]}")


def described(row, rates):
    """Return the time of an engine beside its floor, its error and its memory."""
    if "failed" in row:
        return row["failed"]
    text = f"{row['microseconds']:10.2f} µs  error {row['error']:.1e}"
    if rates:
        rate = max(rates["fft_rate"], rates["product_rate"])
        floor = max(row["bytes"] / rates["copy_rate"], row["flops"] / rate)
        text += f"  {row['microseconds'] / (1e6 * floor):6.1f} × floor"
    if row.get("peak_bytes"):
        text += f"  peak {row['peak_bytes'] / 2**20:6.0f} MiB"
    return text


if __name__ == "__main__":
    main()
