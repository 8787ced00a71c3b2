import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from tests.training.images import write_product
from uniad_desktop.engine.package import find_packages, open_package
from uniad_desktop.training.distributed import ALONE, Group, group_from_environment, joined
from uniad_desktop.training.errors import TrainingError

pytestmark = pytest.mark.skipif(not dist.is_available(), reason="torch without torch.distributed")

# Several processes on this machine only, without a look at its network.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", "TQDM_DISABLE": "1"}


@contextmanager
def torchrun(*arguments, cwd):
    """The agent and its workers, which are gone afterwards whatever the test found."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--standalone", "--local-addr", "127.0.0.1", *arguments]
    child = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.terminate()  # it ends its workers, within half a minute
                child.communicate(timeout=100)


def test_one_process_needs_nobody(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert group_from_environment() == ALONE
    with joined(ALONE, torch.device("cpu")) as group:
        assert group.leads and group.share("x") == "x"
        group.wait()
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert group_from_environment() == Group(1, 3, 0)
    monkeypatch.setenv("RANK", "first")
    with pytest.raises(TrainingError, match="must be numbers"):
        group_from_environment()


SCRIPT = """
import sys, json, torch, numpy as np
from pathlib import Path
from dataclasses import replace
from tests.helpers import tiny_config
from uniad_desktop.training.distributed import group_from_environment, joined
from uniad_desktop.training.network import TrainSettings, TrainingStopped, train_network
from uniad_desktop.uniad.network import ReconstructionNetwork

folder = Path(sys.argv[1])
group = group_from_environment()
features = np.random.default_rng(0).normal(size=(10, 20, 24)).astype(np.float32)
scale = (torch.zeros(24), torch.ones(24))
settings = TrainSettings(steps=6, batch=2, rate=1e-3, average=0.5)

def train(stop=lambda: False, checkpoint=None, **changes):
    network = ReconstructionNetwork(tiny_config(**changes))
    network.train()
    return train_network(network, features, scale, settings, group=group, stop=stop,
                         checkpoint=checkpoint)

with joined(group, torch.device("cpu")):
    whole = train()
    noise = torch.rand(3).tolist()  # as the last step left the generator
    calls = []
    try:  # only the second process is asked to stop
        train(lambda: calls.append(1) or (group.rank == 1 and len(calls) == 3), folder / "c")
        stopped = "no"
    except TrainingStopped as error:
        stopped = str(error)
    resumed = train(checkpoint=folder / "c")
    still = train(dropout=0.0, jitter_scale=0.0)
def flat(network):
    return torch.cat([one.detach().flatten() for one in network.parameters()]).double().tolist()
result = {"whole": flat(whole), "resumed": flat(resumed), "noise": noise, "stopped": stopped,
          "still": flat(still)}
(folder / f"{group.rank}.json").write_text(json.dumps(result))
"""


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    """What two processes that trained together found."""
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "script.py").write_text(textwrap.dedent(SCRIPT))
    with torchrun(str(folder / "script.py"), str(folder), cwd=Path.cwd()) as child:
        out, err = child.communicate(timeout=90)
    assert child.returncode == 0, out + err
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


def test_all_processes_hold_the_same_weights_and_draw_other_numbers(ranks):
    assert ranks[0]["whole"] == ranks[1]["whole"]
    assert ranks[0]["noise"] != ranks[1]["noise"]


def test_all_stop_at_the_step_at_which_one_is_asked_and_resume_exactly(ranks):
    assert [one["stopped"][:26] for one in ranks] == ["Stopped after 3 of 6 steps"] * 2
    assert ranks[0]["resumed"] == ranks[1]["resumed"] == ranks[0]["whole"]


def test_two_processes_equal_one_with_twice_the_batch(ranks):
    """Without dropout and jitter the only difference is the order of sums."""
    import numpy as np

    from tests.helpers import tiny_config
    from uniad_desktop.training.network import TrainSettings, train_network
    from uniad_desktop.uniad.network import ReconstructionNetwork

    features = np.random.default_rng(0).normal(size=(10, 20, 24)).astype(np.float32)
    network = train_network(
        ReconstructionNetwork(tiny_config(dropout=0.0, jitter_scale=0.0)),
        features,
        (torch.zeros(24), torch.ones(24)),
        TrainSettings(steps=6, batch=4, rate=1e-3, average=0.5),
    )
    alone = torch.cat([one.detach().flatten() for one in network.parameters()])
    together = torch.tensor(ranks[0]["still"])
    torch.testing.assert_close(alone, together.float(), rtol=1e-3, atol=2e-4)


COMMAND = ["-m", "uniad_desktop", "train", "data", "--input", "64", "--neighbour", "1"]
COMMAND += ["--hidden", "16", "--heads", "2", "--layers", "1", "--device", "cpu", "--batch", "2"]
COMMAND += ["--offline", "--name", "two", "--precision", "f32"]


def test_torchrun_trains_one_package_together(tmp_path):
    write_product(tmp_path / "data" / "cap", 5, seed=1)
    write_product(tmp_path / "data" / "box", 5, seed=2)
    with torchrun(*COMMAND, "--steps", "3", cwd=tmp_path) as child:
        out, err = child.communicate(timeout=90)
    assert child.returncode == 0, out + err
    assert out.count("is ready") == 1
    packages = find_packages([Path(os.environ["UNIAD_DATA_DIR"]) / "models"])
    assert [(name, version) for name, version, _ in packages] == [("two", "1.0.0")]
    manifest = open_package(packages[0][2]).manifest
    assert manifest.training["processes"] == 2
    assert set(manifest.products) == {"box", "cap"}
    rows = (tmp_path / "runs" / "two" / "training.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "1", "2", "3"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_signal_to_torchrun_stops_all_and_the_checkpoint_is_there(tmp_path):
    write_product(tmp_path / "data" / "cap", 5, seed=1)
    table = tmp_path / "runs" / "two" / "training.csv"
    with torchrun(*COMMAND, "--steps", "200000", cwd=tmp_path) as child:
        deadline = time.monotonic() + 60
        while not (table.exists() and len(table.read_text().splitlines()) > 1):
            assert time.monotonic() < deadline and child.poll() is None
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=100)
    assert child.returncode != 0
    assert "Stopped after" in err, out + err
    assert (tmp_path / "runs" / "two" / "network.checkpoint").exists()
