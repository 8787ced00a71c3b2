"""`uniad-desktop products`."""

import json

import cv2
import pytest

from tests.helpers import make_tiny_package
from tests.teaching.parts import part_image
from uniad_desktop.commands.dispatch import run_command
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.teaching.challenge import ChallengeSet
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.products import ProductStore


def products(*arguments):
    return run_command("products", [str(one) for one in arguments], Interrupt())


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_tiny_package(tmp_path_factory.mktemp("models"))


@pytest.fixture
def data(_own_data_folder):
    return _own_data_folder


def write(folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        cv2.imwrite(str(folder / f"part{number}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return folder


def test_making_and_changing_products(data, capsys):
    assert products("list") == 0
    assert "There is no product" in capsys.readouterr().out
    layout = ["--tiles", "2x3", "--region", "10,20,300,200", "--mm-per-pixel", "0.1"]
    camera = ["--camera", "ExposureTime=5000", "--camera", "ReverseX=true", "--camera", "Gamma=0.8"]
    assert products("create", "cap", "--title", "Cap", "--title-zh", "盖子", *layout, *camera) == 0
    cap = ProductStore(data).get("cap")
    assert cap.layout.tile_count == 6 and cap.layout.mm_per_pixel == 0.1
    assert cap.camera == {"ExposureTime": 5000, "ReverseX": True, "Gamma": 0.8}
    assert products("copy", "cap", "lid", "--title", "Lid") == 0
    assert products("rename", "cap", "--title", "Bottle cap") == 0
    assert products("archive", "lid") == 0
    capsys.readouterr()
    assert products("list") == 0
    assert capsys.readouterr().out.split() == ["cap", "Bottle", "cap"]
    assert products("list", "--archived", "--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert [(one["key"], one["archived"]) for one in values["products"]] == [
        ("cap", False),
        ("lid", True),
    ]
    assert products("restore", "lid") == 0
    assert not ProductStore(data).get("lid").archived


def test_codes(data, capsys, model):
    assert products("create", "cap", "--title", "Cap", "--code", "4711") == 0
    assert products("create", "lid", "--title", "Lid") == 0
    assert products("code", "cap", "add", "4712", " 4713 ") == 0
    assert ProductStore(data).get("cap").codes == ("4711", "4712", "4713")
    assert products("code", "lid", "add", "4712") == 6
    assert "'4712' means the product 'cap' already" in capsys.readouterr().err
    assert products("code", "cap", "remove", "4711", "4713") == 0
    assert products("code", "cap", "remove", "4711") == 6
    assert "no code '4711'; its codes: 4712" in capsys.readouterr().err
    assert products("list") == 0
    assert "(codes: 4712)" in capsys.readouterr().out
    assert products("show", "cap", "--model", model) == 0
    assert "codes         4712" in capsys.readouterr().out


def test_mistakes_are_sentences(data, capsys, tmp_path, model):
    assert products("create", "Cap", "--title", "Cap") == 6
    assert "cannot be the key" in capsys.readouterr().err
    assert products("show", "cap") == 6
    assert "There is no product 'cap'" in capsys.readouterr().err
    assert products("create", "cap", "--title", "Cap", "--camera", "Gain") == 1
    assert "FEATURE=VALUE" in capsys.readouterr().err
    products("create", "cap", "--title", "Cap")
    (tmp_path / "empty").mkdir()
    for place, words in (("nowhere", "does not exist"), ("empty", "holds no images")):
        assert products("collect", "cap", tmp_path / place, "--model", model) == 6
        assert words in capsys.readouterr().err
    assert products("accept", "cap") == 1
    assert "--all-doubtful" in capsys.readouterr().err
    assert products("accept", "cap", "12") == 6
    (tmp_path / "bad.png").write_bytes(b"?")
    assert products("collect", "cap", tmp_path / "bad.png", "--model", model) == 6
    assert "no readable image" in capsys.readouterr().err
    assert products("challenge", "cap", "run", "--model", model) == 6


def test_a_broken_product_is_told_by_list(data, capsys):
    products("create", "cap", "--title", "Cap")
    (data / "products" / "cap" / "product.json").write_text("{")
    assert products("list") == 6
    assert "product.broken.json" in capsys.readouterr().err


def test_collecting_and_looking_after_parts(data, capsys, tmp_path, model):
    products("create", "cap", "--title", "Cap")
    images = [part_image(seed) for seed in range(10)]
    images += [cv2.GaussianBlur(part_image(20), (0, 0), 3.0), images[0]]
    folder = write(tmp_path / "images", images)
    (folder / "torn.png").write_bytes((folder / "part1.png").read_bytes()[:100])
    capsys.readouterr()
    assert products("collect", "cap", folder, "--model", model, "--json") == 0
    out, err = capsys.readouterr()
    summary = json.loads(out)
    assert summary["unreadable"] == 1 and "torn.png" in err
    assert summary["there_already"] == 1
    assert summary["taken"] + summary["set_aside"] == 11
    blurred = next(one for one in summary["doubtful"] if one["source"].endswith("part10.png"))
    assert "focus" in blurred["reasons"] and blurred["sentences"]

    parts = PartCollection(data, "cap")
    before = parts.counts()
    assert before.accepted == summary["taken"] and before.doubtful == summary["set_aside"]
    assert products("show", "cap", "--model", model) == 0
    shown = capsys.readouterr().out
    for words in (f"{before.accepted} accepted", blurred["id"], "less sharp", "20 are the least"):
        assert words in shown
    assert products("delete", "cap", blurred["id"]) == 0
    assert parts.get(blurred["id"]).state is State.REJECTED
    assert products("undo", "cap") == 0
    assert parts.get(blurred["id"]).state is State.DOUBTFUL
    assert products("accept", "cap", "--all-doubtful") == 0
    assert parts.counts().doubtful == 0 and parts.counts().accepted == 11
    assert products("undo", "cap") == 0
    assert parts.counts() == before
    assert products("delete", "cap", blurred["id"][:8]) == 0
    assert products("empty-trash", "cap") == 0
    assert "1 part removed" in capsys.readouterr().out
    assert products("show", "cap", "--model", model, "--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert values["counts"]["rejected"] == 0 and len(values["covered"]) == before.accepted


def test_nothing_to_undo(data, capsys):
    products("create", "cap", "--title", "Cap")
    assert products("undo", "cap") == 0
    assert "nothing to undo" in capsys.readouterr().out


def test_show_works_without_a_model(data, capsys, tmp_path, model):
    products("create", "cap", "--title", "Cap")
    products("collect", "cap", write(tmp_path / "images", [part_image(1)]), "--model", model)
    capsys.readouterr()
    assert products("show", "cap", "--model", "absent") == 0
    out = capsys.readouterr().out
    assert "1 accepted" in out and "cannot be told" in out


def test_an_interrupt_keeps_what_was_taken(data, capsys, tmp_path, model):
    products("create", "cap", "--title", "Cap")
    folder = write(tmp_path / "images", [part_image(seed) for seed in range(3)])

    class After(Interrupt):
        calls = 0

        def raise_if_asked(self):
            self.calls += 1
            if self.calls == 3:
                raise KeyboardInterrupt

    assert (
        run_command("products", ["collect", "cap", str(folder), "--model", str(model)], After())
        == 130
    )
    assert len(PartCollection(data, "cap").parts()) == 1


def test_the_challenge(data, capsys, tmp_path, model):
    products("create", "flange", "--title", "Flange")
    good = write(tmp_path / "good", [part_image(1), part_image(2)])
    bad = write(tmp_path / "bad", [part_image(3)])
    add = ("challenge", "flange", "--who", "Li", "add")
    assert products(*add, good, "--label", "good") == 0
    assert products(*add, bad, "--label", "defect", "--kind", "scratch") == 0
    assert products(*add, bad, "--label", "good") == 6
    capsys.readouterr()
    assert products("challenge", "flange", "list", "--data-dir", str(data)) == 0
    assert capsys.readouterr().out.count("good") == 2
    run = ("challenge", "flange", "run", "--model", model, "--runtime", "torch", "--device", "cpu")
    code = products(*run)
    (result,) = ChallengeSet(data, "flange").results()
    assert code == (0 if result.passed else 1)
    assert result.sentence in capsys.readouterr().out
    # Now the good ones under the label that the model does not give them.
    (defect,) = [one for one in ChallengeSet(data, "flange").images() if one.label == "defect"]
    scores = {case.label: case.outcome for case in result.cases}
    label = "defect" if scores["good"] == "PASS" else "good"
    assert products("challenge", "flange", "remove", defect.id) == 0
    wrong = write(tmp_path / "wrong", [part_image(1), part_image(2)])
    for one in ChallengeSet(data, "flange").images():
        products("challenge", "flange", "remove", one.id)
    kind = ["--kind", "scratch"] if label == "defect" else []
    assert products(*add, wrong, "--label", label, *kind) == 0
    capsys.readouterr()
    assert products(*run, "--json") == 1
    assert json.loads(capsys.readouterr().out)["model"] == "tiny"
    assert len(ChallengeSet(data, "flange").results()) == 2
