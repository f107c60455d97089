"""Train a network of sklearn_scat.nn on ImageNet, or on any folder of its layout.

    python benchmarks/imagenet.py --data DIR                       # one device
    accelerate launch benchmarks/imagenet.py --data DIR            # several GPUs
    python benchmarks/imagenet.py --data DIR --network resnet18    # the baseline

DIR holds `train` and `val`, and these one folder a class, with its images. Nothing is
kept in memory: workers decode and cut as images are needed. The defaults are the usual
schedule: SGD with momentum 0.9, weight decay 1e-4, batches of 256 over all devices, a
rate of 0.1 divided by 10 every 30 of 90 epochs, random cuts of 8 to 100 % of an image
and mirroring in training, the middle of a slightly larger image in tests; bfloat16
where the GPU has it. After every epoch the weights are in `OUT/checkpoint.pt`, from
where the same command goes on. Several GPUs need the package accelerate.
"""

import argparse
import inspect
import json
import math
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

import sklearn_scat.nn

SUFFIXES = {".jpeg", ".jpg", ".png", ".webp"}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, in [0, 1]
LARGER = 256 / 224  # the shorter side of a test image, before the cut


class ImageFolder(torch.utils.data.Dataset):
    """The images of a folder with one sub-folder a class, decoded when asked for."""

    def __init__(self, folder, classes, *, size, training):
        self.size, self.training = size, training
        self.files = [
            (file, code)
            for code, name in enumerate(classes)
            for file in sorted((folder / name).iterdir())
            if file.suffix.lower() in SUFFIXES
        ]
        if not self.files:
            raise ValueError(f"{folder} holds no images in {len(classes)} classes.")

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        file, code = self.files[i]
        with Image.open(file) as image:
            image.draft(
                "RGB", (2 * self.size, 2 * self.size)
            )  # JPEG, shrunk in decoding
            cut = random_cut if self.training else middle_cut
            pixels = np.array(cut(image.convert("RGB"), self.size), np.float32)
        x = torch.from_numpy(pixels).permute(2, 0, 1) / 255
        mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
        return (x - mean) / std, code


def random_cut(image, size):
    """Return 8 to 100 % of an image, at any place, brought to a square; or mirrored."""
    width, height = image.size
    for _ in range(10):
        area = width * height * random.uniform(0.08, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            break
    else:
        w = h = min(width, height)
    left, top = random.randint(0, width - w), random.randint(0, height - h)
    box = (left, top, left + w, top + h)
    image = image.resize((size, size), Image.Resampling.BILINEAR, box=box)
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image


def middle_cut(image, size):
    """Return the middle of an image whose shorter side is made a seventh larger."""
    scale = min(image.size) / round(LARGER * size)
    width, height = image.size
    left, top = (width - scale * size) / 2, (height - scale * size) / 2
    box = (left, top, left + scale * size, top + scale * size)
    return image.resize((size, size), Image.Resampling.BILINEAR, box=box)


class OneDevice:
    """What accelerate does for several devices, for one."""

    is_main_process, num_processes, process_index = True, 1, 0

    def __init__(self):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def prepare(self, *things):
        """Return networks on the device, and all else as it is."""
        return [t.to(self.device) if isinstance(t, nn.Module) else t for t in things]

    def backward(self, loss):
        """Compute the gradients."""
        loss.backward()

    def reduce(self, x):
        """Return the sum over devices."""
        return x

    def unwrap_model(self, network):
        """Return the network itself."""
        return network

    def wait_for_everyone(self):
        """Wait for nobody."""


def accelerator():
    """Return what spreads the work: accelerate where it launched this, else nothing."""
    if "LOCAL_RANK" not in os.environ:
        return OneDevice()
    from accelerate import Accelerator

    return Accelerator()


def loader(images, *, batch_size, workers, seed):
    """Return batches, decoded by worker processes."""
    return torch.utils.data.DataLoader(
        images,
        batch_size=batch_size,
        shuffle=images.training,
        drop_last=images.training and len(images) > batch_size,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=workers > 0,
        generator=torch.Generator().manual_seed(seed),
        worker_init_fn=seed_worker,
    )


def seed_worker(_):
    """Let a worker's cuts follow from the seed."""
    random.seed(torch.initial_seed())


def make_network(name, *, n_classes, size):
    """Return a network by its name, for square RGB images."""
    made = getattr(sklearn_scat.nn, name)
    facts = {"n_classes": n_classes, "shape": (size, size), "in_channels": 3}
    known = inspect.signature(made).parameters
    network = made(**{k: v for k, v in facts.items() if k in known})
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, size, size))  # gives lazy layers their shapes
    return network


def half_precision(device):
    """Return the context in which a network is applied."""
    half = device.type == "cuda" and torch.cuda.get_device_capability(device)[0] >= 8
    return torch.autocast(device.type, torch.bfloat16, enabled=half)


def train(network, batches, optimizer, *, spread):
    """Train for one epoch, and return the mean loss."""
    network.train()
    total, n = torch.zeros((), device=spread.device), 0
    for x, y in batches:
        x, y = x.to(spread.device), y.to(spread.device)
        with half_precision(spread.device):
            loss = F.cross_entropy(network(x), y)
        optimizer.zero_grad()
        spread.backward(loss)
        optimizer.step()
        total += loss.detach()
        n += 1
    return total.item() / max(1, n)


@torch.no_grad()
def test(network, batches, *, spread):
    """Return the share of images whose class is the first, or among the first five."""
    network.eval()
    counts = torch.zeros(3, device=spread.device, dtype=torch.float64)
    for x, y in batches:
        x, y = x.to(spread.device), y.to(spread.device)
        with half_precision(spread.device):
            scores = network(x)
        hits = scores.topk(min(5, scores.shape[1])).indices == y[:, None]
        counts += torch.stack(
            [hits[:, 0].sum(), hits.sum(), torch.tensor(len(y)).to(x)]
        )
    top1, top5, n = spread.reduce(counts).tolist()
    return top1 / n, top5 / n


def run(arguments):
    """Train a network, and print a line of JSON for every epoch."""
    torch.manual_seed(arguments.seed)
    data, size = Path(arguments.data), arguments.size
    classes = sorted(f.name for f in (data / "train").iterdir() if f.is_dir())
    spread = accelerator()
    share = max(1, arguments.batch_size // spread.num_processes)
    settings = {
        "workers": arguments.workers,
        "seed": arguments.seed,
        "batch_size": share,
    }
    images, tested = (
        ImageFolder(data / part, classes, size=size, training=part == "train")
        for part in ("train", "val")
    )
    # each device tests a part of its own, so that every image counts once
    tested.files = tested.files[spread.process_index :: spread.num_processes]
    training, testing = (loader(part, **settings) for part in (images, tested))
    network = make_network(arguments.network, n_classes=len(classes), size=size)
    optimizer = torch.optim.SGD(
        network.parameters(), arguments.lr, momentum=0.9, weight_decay=1e-4
    )
    file, first = Path(arguments.out) / "checkpoint.pt", 0
    network.to(spread.device)  # before the optimizer's state comes
    if file.exists():
        state = torch.load(file, map_location=spread.device, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["epoch"]
    network, optimizer, training = spread.prepare(network, optimizer, training)
    for epoch in range(first, arguments.epochs):
        start = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = arguments.lr * 0.1 ** (3 * epoch // arguments.epochs)
        loss = train(network, training, optimizer, spread=spread)
        top1, top5 = test(network, testing, spread=spread)
        if spread.is_main_process:
            seconds = time.perf_counter() - start
            record = {"epoch": epoch + 1, "loss": loss, "top1": top1, "top5": top5}
            print(json.dumps({**record, "seconds": round(seconds, 1)}), flush=True)
            write_checkpoint(file, spread.unwrap_model(network), optimizer, epoch + 1)
        spread.wait_for_everyone()


def write_checkpoint(file, network, optimizer, epoch):
    """Write what the next run needs, the whole file or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**state, "epoch": epoch}, partial)
    os.replace(partial, file)


def parser():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with train and val")
    parser.add_argument("--network", default="scat_resnet10", help="of sklearn_scat.nn")
    parser.add_argument(
        "--out", default="imagenet-out", help="folder of the checkpoint"
    )
    parser.add_argument("--size", type=int, default=224, help="pixels of a side")
    parser.add_argument("--epochs", type=int, default=90)
    parser.add_argument("--batch-size", type=int, default=256, help="over all devices")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--workers", type=int, default=8, help="of each process")
    parser.add_argument("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    run(parser().parse_args())
