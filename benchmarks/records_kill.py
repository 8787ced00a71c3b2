"""kill -9 at random moments while a recorder works under load: what is left must be whole.

A child records as fast as it can and prints, after every commit, how many it reported as stored.
It is killed at a random moment; the next child goes on with the same data folder.

    python benchmarks/records_kill.py --times 200
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from uniad_desktop.records.audit import verify
from uniad_desktop.records.check import check_records
from uniad_desktop.records.database import open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import count

CHILD = """
import logging, sys, time
logging.disable(logging.WARNING)
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.records.make import shown
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.recorder import Recorder
keeping = Recorder(Path({folder!r}), RecordsOptions(station="line 1", pass_share=0.5))
told = number = 0
while True:
    if keeping.state().waiting < 20:
        number += 1
        verdict = Verdict.FAIL if number % 3 else Verdict.PASS
        keeping.take(shown(verdict, number))
    state = keeping.state()
    if state.recorded != told:
        told = state.recorded
        print(told, state.written, flush=True)
    elif state.waiting >= 20:
        time.sleep(0.0005)
"""


def kill_once(folder: Path, after_s: float) -> tuple[int, int]:
    """Starts a child, waits for its first word, kills it after `after_s` seconds.

    Returns:
        How many decisions and images it had reported as stored.
    """
    root = str(Path(__file__).resolve().parents[1])
    code = CHILD.format(root=root, folder=str(folder))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    # One that never says a word ends after a minute, too.
    limit = threading.Timer(60.0, process.kill)
    limit.start()
    try:
        lines = [process.stdout.readline()]
        time.sleep(after_s)
        process.kill()
        lines += process.stdout.readlines()
    finally:
        limit.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
    whole = [line for line in lines if line.endswith("\n")]
    if not whole:
        return 0, 0
    recorded, written = whole[-1].split()
    return int(recorded), int(written)


def run(folder: Path, times: int, seed: int) -> dict[str, int]:
    """Kills `times` children and looks at what is left after each. Raises AssertionError."""
    chance = random.Random(seed)
    stored = images = 0
    for number in range(times):
        recorded, written = kill_once(folder, chance.uniform(0.0, 0.5))
        stored += recorded
        images += written
        with closing(open_records(folder)) as records:
            found = check_records(records, hashes=number == times - 1)
            assert found.whole, found
            assert found.inspections >= stored, f"{stored} reported, {found.inspections} there"
            assert found.images >= images, f"{images} images reported, {found.images} there"
            assert verify(records).first_broken is None
            # What was committed and not yet reported counts from here on.
            stored = count(records, RecordFilter())
            images = found.images
    return {"kills": times, "inspections": stored, "images": images}


def main() -> None:
    """Runs it and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        found = run(Path(folder), options.times, options.seed)
        aside = len(list((Path(folder) / "records" / "recovered").rglob("*.png")))
    print(
        f"{found['kills']} kills in {time.monotonic() - began:.0f} s: {found['inspections']} "
        f"inspections, {found['images']} images, nothing missing; {aside} files that were written "
        "and not yet on record set aside"
    )


if __name__ == "__main__":
    main()
