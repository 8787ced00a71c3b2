"""What tiles cost: a 5-megapixel frame in 2 x 3 tiles against a single tile of it, in turn.

    python benchmarks/tiles.py [--backbone tf_efficientnet_b4.aa_in1k] [--runtime openvino] [--grey]

Both go through the detector, from frame to score; what is printed last is the ratio of the medians.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from uniad_desktop.engine import Detector
from uniad_desktop.engine.layout import Layout, RegionOfInterest, tiles_of
from uniad_desktop.engine.manifest import Calibration, ProductEntry
from uniad_desktop.engine.package import ModelPackage, open_package, write_package
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.uniad.backbones import backbone_config
from uniad_desktop.uniad.config import UniADConfig
from uniad_desktop.uniad.model import UniAD

HEIGHT, WIDTH = 2048, 2448
ROWS, COLUMNS = 2, 3


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backbone", default="", help="with untrained weights; else the shipped")
    parser.add_argument("--runtime", default="openvino")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--grey", action="store_true")
    options = parser.parse_args()
    shape = (HEIGHT, WIDTH) if options.grey else (HEIGHT, WIDTH, 3)
    frame = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    whole = Layout((RegionOfInterest(rows=ROWS, columns=COLUMNS),))
    first = tiles_of(whole, WIDTH, HEIGHT)[0].box
    layouts = {"one": Layout((RegionOfInterest(box=first),)), "all": whole}
    with tempfile.TemporaryDirectory() as folder:
        package = _package(Path(folder), options.backbone, layouts)
        detector = Detector.open(package, runtime=options.runtime, threads=options.threads)
        detector.warm_up()
        times: dict[str, list[float]] = {key: [] for key in layouts}
        for _ in range(options.rounds):
            for key in layouts:
                started = time.perf_counter()
                detector.predict(frame, key)
                times[key].append((time.perf_counter() - started) * 1e3)
        detector.close()
    one, all_ = (statistics.median(times[key]) for key in ("one", "all"))
    shortest = min(times["all"]) / min(times["one"])
    print(f"{detector.runtime}, {'grey' if options.grey else 'RGB'} {WIDTH} x {HEIGHT}")
    print(f"one tile   {one:8.1f} ms (fastest {min(times['one']):.1f})")
    print(f"{ROWS} x {COLUMNS} tiles {all_:8.1f} ms (fastest {min(times['all']):.1f})")
    print(f"ratio {all_ / one:.2f} of the medians, {shortest:.2f} of the fastest")


def _package(folder: Path, backbone: str, layouts: dict[str, Layout]) -> ModelPackage:
    """A package whose products are the layouts."""
    if backbone:
        model = UniAD(UniADConfig(backbone=backbone_config(backbone)))
        config, weights = model.config, model.state_dict()
    else:
        models = shipped_models()
        assert models is not None
        shipped = open_package(sorted(models.glob("unified/*"))[-1])
        config, weights = shipped.manifest.architecture, shipped.weights()
    products = {
        key: ProductEntry(
            titles={"en": key},
            accept=1.0,
            reject=1.0,
            map_range=(0.0, 2.0),
            calibration=Calibration(
                parts=1, false_reject_rate=0.5, median=0.0, deviation=0.0, largest=0.0
            ),
            layout=layout,
        )
        for key, layout in layouts.items()
    }
    return write_package(
        folder,
        name="tiles",
        version="0.0.1",
        architecture=config,
        weights=weights,
        products=products,
        backbone_source="benchmark",
        backbone_licence="none",
    )


if __name__ == "__main__":
    main()
