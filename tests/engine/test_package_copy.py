import shutil

import pytest
import torch

from tests.helpers import make_tiny_package
from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.engine.package_copy import free_version, write_next


@pytest.fixture
def package(tmp_path):
    return open_package(make_tiny_package(tmp_path / "models"))


def test_everything_stays_but_what_is_given(package, tmp_path):
    products = dict(package.manifest.products)
    products["flange"] = products["flange"].model_copy(update={"reject": 99.0})
    new = write_next(package, tmp_path / "models", note={"what": "a limit"}, products=products)
    assert (new.manifest.name, new.manifest.version) == ("tiny", "0.0.2")
    assert new.manifest.products["flange"].reject == 99.0
    assert new.manifest.products["label"] == package.manifest.products["label"]
    old, fresh = package.weights(), new.weights()
    assert old.keys() == fresh.keys() and all(torch.equal(old[k], fresh[k]) for k in old)
    assert new.preview("flange").read_bytes() == package.preview("flange").read_bytes()
    (change,) = new.manifest.training["changes"]
    assert change == {
        "what": "a limit",
        "from": "tiny 0.0.1",
        "from_sha256": package.identity.sha256,
    }
    assert open_package(package.folder).identity == package.identity


def test_changes_pile_up_and_versions_are_never_taken_twice(package, tmp_path):
    models = tmp_path / "models"
    second = write_next(package, models, note={"what": "one"})
    third = write_next(second, models, note={"what": "two"})
    assert [one["what"] for one in third.manifest.training["changes"]] == ["one", "two"]
    assert free_version(package, models) == "0.0.4"
    shutil.rmtree(third.folder)
    assert write_next(package, tmp_path / "elsewhere", note={}).manifest.version == "0.0.3"
    with pytest.raises(PackageError, match="exists already"):
        write_next(package, models, note={}, version="0.0.2")


def test_memory_and_sample_can_be_put_in(package, tmp_path):
    memory = {"flange.train": torch.randn(2, 20, 24).half()}
    sample = {"flange": torch.zeros(1, 3, 64, 80, dtype=torch.uint8)}
    new = write_next(package, tmp_path / "m", note={}, memory=memory, sample=sample)
    assert torch.equal(new.memory()["flange.train"], memory["flange.train"])
    again = write_next(new, tmp_path / "m", note={})
    assert again.memory().keys() == {"flange.train"} and again.sample().keys() == {"flange"}
