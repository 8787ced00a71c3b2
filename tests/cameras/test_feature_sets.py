"""Feature sets: the file, the comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from uniad_desktop.cameras.feature_set import (
    MAGIC,
    FeatureEntry,
    FeatureSet,
    FeatureSetError,
    alike,
    compare,
    load,
    save,
)

# As a viewer of a camera maker writes it.
PYLON = f"""# {MAGIC}
# GenApi persistence file (version 3.5.0)
# Device = Basler::GigECamera -- Basler generic GigEVision camera interface
GainAuto\tOff
GainRaw\t{{GainSelector=All}}\t0
PixelFormat\tBayerRG8
ColorTransformationValue\t{{ColorSelector=RGBtoRGB, ValueSelector=Gain00}}\t1.4375
DeviceUserText\t
"""

KEPT = FeatureSet(
    (
        FeatureEntry("Width", "960"),
        FeatureEntry("Gain", "1.5", (("Board", "A"), ("GainSelector", "Red"))),
        FeatureEntry("Note", " two words "),
        FeatureEntry("Empty", ""),
    ),
    "Maker",
    "M 12",
    "4711",
    "1.2",
)


def test_what_was_saved_is_loaded_and_the_former_file_is_kept(tmp_path):
    path = tmp_path / "sets" / "line.pfs"
    save(path, KEPT)
    assert load(path) == KEPT
    assert path.read_text().startswith(f"# {MAGIC}\n# GenApi persistence file (version ")
    assert "Gain\t{Board=A, GainSelector=Red}\t1.5\n" in path.read_text()
    other = replace(KEPT, serial="4712")
    save(path, other)
    assert load(path) == other
    assert load(path.with_name("line.previous.pfs")) == KEPT
    assert sorted(one.name for one in path.parent.iterdir()) == ["line.pfs", "line.previous.pfs"]


def test_a_file_of_a_makers_viewer_is_read(tmp_path):
    path = tmp_path / "viewer.pfs"
    path.write_bytes(("\ufeff" + PYLON.replace("\n", "\r\n")).encode())
    found = load(path)
    assert [entry.name for entry in found.entries][:3] == ["GainAuto", "GainRaw", "PixelFormat"]
    assert found.entries[1] == FeatureEntry("GainRaw", "0", (("GainSelector", "All"),))
    assert found.entries[3].selectors == (
        ("ColorSelector", "RGBtoRGB"),
        ("ValueSelector", "Gain00"),
    )
    assert found.entries[4] == FeatureEntry("DeviceUserText", "")
    assert found.model == ""  # the kind of interface is no model


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: this is no feature set"),
        ("Width\t960\n", "line 1: this is no feature set"),
        ("# {4709CB3C-7322-4460-84C3-DA11DDA09939}\n", "line 1: this file holds several sets"),
        (f"# {MAGIC}\nWidth 960\n", "line 2: 'Width 960' is not the name of a feature"),
        (f"# {MAGIC}\n\nGain\t{{Red}}\t2\n", r"line 3: \{Red\} is not a list of selectors"),
    ],
)
def test_a_bad_file_is_a_sentence_with_its_line(tmp_path, text, told):
    path = tmp_path / "bad.pfs"
    path.write_text(text)
    with pytest.raises(FeatureSetError, match=f"bad.pfs, {told}"):
        load(path)


def test_what_cannot_be_read_or_written_names_the_file(tmp_path):
    with pytest.raises(FeatureSetError, match=r"none\.pfs cannot be read"):
        load(tmp_path / "none.pfs")
    (tmp_path / "file").write_text("")
    with pytest.raises(FeatureSetError, match=r"a\.pfs could not be written"):
        save(tmp_path / "file" / "a.pfs", KEPT)
    with pytest.raises(FeatureSetError, match="The value of Note has a tab or a line break"):
        save(tmp_path / "a.pfs", FeatureSet((FeatureEntry("Note", "a\nb"),)))
    assert not (tmp_path / "a.pfs").exists()


def test_sets_are_compared_value_by_value():
    changed = (
        FeatureEntry("Width", "0x3c0"),
        FeatureEntry("Gain", "1.500001", (("Board", "A"), ("GainSelector", "Red"))),
        FeatureEntry("Note", "other"),
        FeatureEntry("New", "1"),
    )
    found = compare(KEPT, FeatureSet(changed))
    assert [(one.name, one.first, one.second) for one in found] == [
        ("Note", " two words ", "other"),
        ("Empty", "", None),
        ("New", None, "1"),
    ]
    assert found[2].sentence() == "New is only in the second set: 1."
    assert compare(KEPT, KEPT) == ()


@pytest.mark.parametrize(
    ("one", "other", "share", "same"),
    [
        ("2000", "2000.0", 0.0, True),
        ("1", "true", 0.0, True),
        ("0", "True", 0.0, False),
        ("100.0", "100.5", 0.01, True),
        ("100", "101", 0.01, False),
        ("nan", "1", 0.01, False),
        ("On", "Off", 0.01, False),
    ],
)
def test_texts_of_values_that_mean_the_same(one, other, share, same):
    assert alike(one, other, share) is same
