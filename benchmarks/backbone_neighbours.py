"""Compare frozen backbones on real parts by nearest neighbours; prints a Markdown table.

python benchmarks/backbone_neighbours.py FOLDER --products cookie magnetic_tile \
    --weights student=backbone.safetensors teacher=teacher.pth
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch

from uniad_desktop.training.neighbours import FolderError, Score, View, evaluate, read_product
from uniad_desktop.training.starter_backbone import BackboneError, create_network, load_weights
from uniad_desktop.uniad.config import Alignment


def main() -> int:
    """Run the comparison; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="holds product folders in MVTec AD's layout")
    parser.add_argument("--products", nargs="+", help="folder names; default: all")
    parser.add_argument("--weights", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--train", type=int, default=100, help="most normal pictures a product")
    parser.add_argument("--test", type=int, default=150, help="most test pictures a product")
    parser.add_argument("--side", type=int, default=224, help="scaled to, a multiple of 16")
    parser.add_argument("--alignment", choices=list(Alignment), default=Alignment.AREA)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    names = arguments.products or sorted(p.name for p in arguments.folder.glob("*") if p.is_dir())
    try:
        products = [
            read_product(arguments.folder / name, arguments.train, arguments.test, arguments.seed)
            for name in names
        ]
        view = View(arguments.side, Alignment(arguments.alignment))
        torch.manual_seed(arguments.seed)
        backbones = {"random weights": create_network().eval()}
        for item in arguments.weights:
            label, _, file = item.rpartition("=")
            backbones[label or file] = load_weights(Path(file))
        print_head(names)
        for label, backbone in backbones.items():
            start = time.perf_counter()
            scores = evaluate(backbone, products, view, seed=arguments.seed)
            print_row(label, [scores[name] for name in names], time.perf_counter() - start)
    except (BackboneError, FolderError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def print_head(names: list[str]) -> None:
    """Print the table's first two lines."""
    print("| backbone |", " | ".join(names), "| mean | seconds |")
    print("|---|" + "---|" * len(names) + "---|---|")


def print_row(label: str, scores: list[Score], seconds: float) -> None:
    """Print the scores of one backbone, image / pixel AUROC in percent."""
    mean = Score(
        sum(s.image for s in scores) / len(scores), sum(s.pixel for s in scores) / len(scores)
    )
    cells = [f"{100 * s.image:.1f} / {100 * s.pixel:.1f}" for s in (*scores, mean)]
    print(f"| {label} |", " | ".join(cells), f"| {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
