import errno
import json

import pytest

from uniad_desktop.engine.layout import Box, Layout, RegionOfInterest
from uniad_desktop.teaching import image_folder, products
from uniad_desktop.teaching.products import ProductError, ProductStore

LAYOUT = Layout((RegionOfInterest("lid", Box(1, 2, 40, 30), 2, 2),), 0.1)


@pytest.fixture
def store(tmp_path):
    return ProductStore(tmp_path)


def test_what_was_created_is_read_back(store):
    made = store.create(
        "cap",
        {"en": "Cap", "zh_CN": "盖子"},
        layout=LAYOUT,
        pixel_limit=3.5,
        least_area=12.0,
        camera={"ExposureTime": 5000.0, "Width": 640, "ReverseX": True, "PixelFormat": "Mono8"},
        notes="from line 3",
    )
    read = store.get("cap")
    assert read == made
    assert read.layout == LAYOUT
    assert [type(one) for one in read.camera.values()] == [float, int, bool, str]
    assert read.title("zh_CN") == "盖子" and read.title("de") == "Cap"


@pytest.mark.parametrize("key", ["", "Cap", "a b", "../x", "-cap", "x" * 65, "con", "lpt1"])
def test_a_bad_key_is_refused_with_a_sentence(store, key, tmp_path):
    with pytest.raises(ProductError, match="key"):
        store.create(key, {"en": "Cap"})
    with pytest.raises(ProductError):
        store.get(key)
    assert not list(tmp_path.iterdir())


def test_a_product_is_made_once_and_needs_a_title(store):
    with pytest.raises(ProductError, match="title"):
        store.create("cap", {"en": " "})
    store.create("cap", {"en": "Cap"})
    with pytest.raises(ProductError, match="already"):
        store.create("cap", {"en": "Another"})
    with pytest.raises(ProductError, match="least_area"):
        store.get("cap").changed(least_area=-1.0)
    assert store.get("cap").title() == "Cap"


def test_copy_rename_archive_restore(store):
    store.create("cap", {"en": "Cap"}, layout=LAYOUT, camera={"Gain": 2.0})
    copied = store.copy("cap", "cap-red", {"en": "Red cap"})
    assert (copied.layout, copied.camera, copied.title()) == (LAYOUT, {"Gain": 2.0}, "Red cap")
    assert store.rename("cap", "Lid").key == "cap"
    assert store.rename("cap", "盖子", "zh_CN").titles == {"en": "Lid", "zh_CN": "盖子"}
    store.archive("cap")
    assert [one.key for one in store.listing().products] == ["cap-red"]
    assert [one.key for one in store.listing(archived=True).products] == ["cap", "cap-red"]
    assert not store.restore("cap").archived
    with pytest.raises(ProductError, match=r"no product 'lid'.*cap, cap-red"):
        store.rename("lid", "Lid")
    with pytest.raises(ProductError, match="already"):
        store.copy("cap", "cap-red")


def test_the_former_file_is_kept(store):
    store.create("cap", {"en": "Cap"})
    store.rename("cap", "Lid")
    former = json.loads((store.folder / "cap" / products.PREVIOUS).read_text())
    assert former["titles"] == {"en": "Cap"}


def test_a_broken_file_is_set_aside_and_the_former_settings_come_back(store):
    store.create("cap", {"en": "Cap"})
    store.rename("cap", "Lid")
    path = store.folder / "cap" / products.FILE
    path.write_bytes(b'{"version": 1, "key"')
    listing = store.listing()
    assert not listing.products
    assert "product.broken.json" in listing.problems[0] and "put back" in listing.problems[0]
    assert path.with_name("product.broken.json").read_bytes() == b'{"version": 1, "key"'
    assert store.get("cap").title() == "Cap"

    path.write_bytes(b"[]")
    path.with_name(products.PREVIOUS).unlink()
    with pytest.raises(ProductError, match=r"product.broken-2.json.*again"):
        store.get("cap")
    assert path.with_name("product.broken.json").exists()
    assert store.create("cap", {"en": "Cap"}).key == "cap"


def test_a_file_of_another_product_is_broken(store):
    store.create("cap", {"en": "Cap"})
    store.create("lid", {"en": "Lid"})
    path = store.folder / "lid" / products.FILE
    path.write_bytes((store.folder / "cap" / products.FILE).read_bytes())
    with pytest.raises(ProductError, match="of the product 'cap'"):
        store.get("lid")


def test_a_file_of_a_newer_application_is_left_alone(store):
    store.create("cap", {"en": "Cap"})
    path = store.folder / "cap" / products.FILE
    path.write_text('{"version": 3}')
    with pytest.raises(ProductError, match="newer application"):
        store.get("cap")
    assert path.read_text() == '{"version": 3}'


def test_a_file_from_before_codes_is_read_and_written_anew(store):
    store.create("cap", {"en": "Cap"}, layout=LAYOUT)
    path = store.folder / "cap" / products.FILE
    former = json.loads(path.read_text()) | {"version": 1}
    del former["codes"]
    path.write_text(json.dumps(former))
    cap = store.get("cap")
    assert (cap.version, cap.codes, cap.layout) == (2, (), LAYOUT)
    store.save(cap.changed(codes=("4711",)))
    assert json.loads(path.read_text())["codes"] == ["4711"]
    assert json.loads(path.with_name(products.PREVIOUS).read_text())["version"] == 1


def test_a_scanned_text_means_one_product_in_use(store):
    store.create("cap", {"en": "Cap"}, codes=[" 4711 ", "Cap 22", "4711"])
    store.create("lid", {"en": "Lid"}, codes=["AB-1"])
    assert store.get("cap").codes == ("4711", "Cap 22")
    found = {
        text: product.key if (product := store.by_code(text)) else None
        for text in ("4711\n", "cap 22", "LID", "ab-1", "", "47", "AB-1")
    }
    assert found == {
        "4711\n": "cap",
        "cap 22": "cap",
        "LID": "lid",
        "ab-1": "lid",
        "": None,
        "47": None,
        "AB-1": "lid",
    }
    store.create("ring", {"en": "Ring"}, codes=["ab-1"])
    exact = store.by_code("ab-1")
    assert exact is not None and exact.key == "ring"
    assert store.by_code("Ab-1") is None  # two products
    store.archive("ring")
    assert store.by_code("ab-1").key == "lid"


def test_a_code_is_of_one_product_only(store):
    store.create("cap", {"en": "Cap"}, codes=["4711"])
    with pytest.raises(ProductError, match="'4711' means the product 'cap'"):
        store.create("lid", {"en": "Lid"}, codes=["4711"])
    with pytest.raises(ProductError, match="'cap' means the product 'cap'"):
        store.create("lid", {"en": "Lid"}, codes=["cap"])
    with pytest.raises(ProductError, match="'4711'"):
        store.create("4711", {"en": "A key that is a code"})
    assert store.copy("cap", "lid").codes == ()
    store.archive("cap")
    lid = store.save(store.get("lid").changed(codes=["4711"]))
    with pytest.raises(ProductError, match="means the product 'lid'"):
        store.restore("cap")
    store.save(lid.changed(codes=[]))
    assert store.restore("cap").codes == ("4711",)
    with pytest.raises(ProductError, match="codes"):
        lid.changed(codes=["x" * 257])


def test_looking_for_a_code_leaves_a_broken_product_for_the_listing(store):
    store.create("cap", {"en": "Cap"}, codes=["4711"])
    path = store.folder / "cap" / products.FILE
    path.write_text("{")
    assert store.by_code("4711") is None
    assert path.read_text() == "{"
    store.create("lid", {"en": "Lid"}, codes=["4712"])
    assert "product.broken.json" in store.listing().problems[0]


def test_a_full_disk_leaves_the_product_as_it_was(store, monkeypatch):
    store.create("cap", {"en": "Cap"})

    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(image_folder, "write_durably", full)
    with pytest.raises(ProductError, match=r"No space left.*free space"):
        store.rename("cap", "Lid")
    with pytest.raises(ProductError, match="No space left"):
        store.create("lid", {"en": "Lid"})
    monkeypatch.undo()
    assert store.get("cap").title() == "Cap"
    assert [one.key for one in store.listing().products] == ["cap"]
