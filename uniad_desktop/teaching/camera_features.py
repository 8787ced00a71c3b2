"""Does the camera see parts as it did when they were collected? Compared feature by feature."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from uniad_desktop.cameras.feature_set import FeatureSetError
from uniad_desktop.teaching.camera_sets import kept_set, like
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import FILE, PRODUCTS, Feature, Product, ProductStore

TOLERANCE: Final = 0.01
"""Numbers closer than this share of the taught one are alike; cameras round what is written."""

SERIAL: Final = "DeviceSerialNumber"
MODEL: Final = "DeviceModelName"

# SFNC name: words, unit.
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "AcquisitionFrameRate": ("Frame rate", "Hz"),
    "AcquisitionFrameRateEnable": ("Fixed frame rate", ""),
    "BalanceRatio": ("White balance", ""),
    "BalanceRatioSelector": ("Selected colour of the white balance", ""),
    "BalanceWhiteAuto": ("Automatic white balance", ""),
    "BinningHorizontal": ("Horizontal binning", ""),
    "BinningVertical": ("Vertical binning", ""),
    "BlackLevel": ("Black level", ""),
    "BlackLevelRaw": ("Black level", ""),
    "DecimationHorizontal": ("Horizontal decimation", ""),
    "DecimationVertical": ("Vertical decimation", ""),
    "ExposureAuto": ("Automatic exposure", ""),
    "ExposureMode": ("Exposure mode", ""),
    "ExposureTime": ("Exposure time", "µs"),
    "ExposureTimeAbs": ("Exposure time", "µs"),
    "ExposureTimeRaw": ("Exposure time", ""),
    "Gain": ("Gain", "dB"),
    "GainAuto": ("Automatic gain", ""),
    "GainRaw": ("Gain", ""),
    "Gamma": ("Gamma", ""),
    "GammaEnable": ("Gamma correction", ""),
    "Height": ("Image height", "px"),
    "LUTEnable": ("Look-up table", ""),
    "LightBrightness": ("Brightness of the light", "%"),
    "LightControllerSource": ("Source of the light control", ""),
    "LightSourcePreset": ("Light source", ""),
    "LightSourceSelector": ("Light source", ""),
    "OffsetX": ("Left edge of the image", "px"),
    "OffsetY": ("Upper edge of the image", "px"),
    "PixelFormat": ("Pixel format", ""),
    "ReverseX": ("Mirroring left to right", ""),
    "ReverseY": ("Mirroring top to bottom", ""),
    "Saturation": ("Saturation", ""),
    "Sharpness": ("Sharpness", ""),
    "TestPattern": ("Test pattern", ""),
    "TriggerMode": ("Trigger mode", ""),
    "TriggerSource": ("Trigger source", ""),
    "Width": ("Image width", "px"),
}

# The camera changes these by itself while the other one is on.
_AUTOMATIC: Final[Mapping[str, str]] = {
    "ExposureTime": "ExposureAuto",
    "ExposureTimeAbs": "ExposureAuto",
    "ExposureTimeRaw": "ExposureAuto",
    "Gain": "GainAuto",
    "GainRaw": "GainAuto",
    "BalanceRatio": "BalanceWhiteAuto",
}

# The value is of whatever the other one selects.
_SELECTED: Final[Mapping[str, str]] = {
    "BalanceRatio": "BalanceRatioSelector",
    "BlackLevel": "BlackLevelSelector",
    "BlackLevelRaw": "BlackLevelSelector",
    "Gain": "GainSelector",
    "GainRaw": "GainSelector",
}

_BY_THEMSELVES: Final = ("Temperature", "Timestamp", "Count", "Statistic", "Status", "Link")
_SIMULATED: Final = "Sim"


@dataclass(frozen=True, slots=True)
class Several:
    """A feature that was not the same with all parts.

    Attributes:
        usual: the most common value.
        values: all of them.
    """

    usual: Feature
    values: tuple[Feature, ...]


Taught: TypeAlias = Feature | Several


@dataclass(frozen=True, slots=True)
class Difference:
    """A feature is not what it was.

    Attributes:
        name: SFNC name.
        taught: value or values at teaching.
        now: value of the camera; None where it does not tell it.
        sentence: for the user.
    """

    name: str
    taught: Taught
    now: Feature | None
    sentence: str


def taught_features(collection: PartCollection, product: Product) -> dict[str, Taught]:
    """What the accepted parts were taken with, and above it what the engineer set.

    Parts from files tell nothing. Where parts differ all their values are allowed, with numbers
    everything between.

    Raises:
        CollectionError: the collection cannot be read.
    """
    seen: dict[str, Counter[Feature]] = {}
    for part in collection.parts(State.ACCEPTED):
        for name, value in part.camera.items():
            seen.setdefault(name, Counter())[value] += 1
    taught: dict[str, Taught] = {}
    for name, values in seen.items():
        usual = values.most_common(1)[0][0]
        taught[name] = usual if len(values) == 1 else Several(usual, tuple(values))
    return {**taught, **product.camera}


def differences(data_folder: Path, key: str, now: Mapping[str, Feature]) -> tuple[Difference, ...]:
    """What differs between the teaching of a product and now; nothing where it was not taught here.

    What was not told at teaching is compared with the settings that were kept for the product.

    Raises:
        StoreError: the product, its collection or its settings cannot be read.
    """
    if not now or not (data_folder / PRODUCTS / key / FILE).is_file():
        return ()
    product = ProductStore(data_folder).get(key)
    taught = taught_features(PartCollection(data_folder, key), product)
    kept = {
        name: value
        for name, value in _kept_features(data_folder, key, now).items()
        if name not in taught
    }
    return (*compare(taught, now), *compare(kept, now, "when it was kept for the product"))


def _kept_features(data_folder: Path, key: str, now: Mapping[str, Feature]) -> dict[str, Taught]:
    """Values of the product's feature set, of the kind that the camera gives them."""
    try:
        kept = kept_set(data_folder, key)
    except FeatureSetError as error:
        raise StoreError(str(error)) from error
    if kept is None:
        return {}
    return {
        entry.name: like(now[entry.name], entry.value)
        for entry in kept.entries
        # What triggers is decided at each start, whatever the set says.
        if entry.name in now
        and not entry.name.startswith("Trigger")
        and all(str(now.get(name, entry_of)) == entry_of for name, entry_of in entry.selectors)
    }


def as_sentence(found: Sequence[Difference], title: str) -> str:
    """All differences in one paragraph for the user."""
    sentences = " ".join(one.sentence for one in found)
    return f"The camera is not as it was when {title} was taught. {sentences}"


def compare(
    taught: Mapping[str, Taught], now: Mapping[str, Feature], when: str = "at teaching"
) -> tuple[Difference, ...]:
    """What differs between teaching and now, another camera first, then by name.

    Features that change by themselves or are of the simulated line only do not count, nor does
    what only one side knows. Nothing differs where one side knows nothing, as with files.

    Args:
        taught: of `taught_features`, or plain values.
        now: `SourceInfo.settings` of the camera.
        when: since when, for the sentences.
    """
    found = [_other_camera(taught, now)]
    for name in sorted(taught):
        if name in now and _counts(name, taught, now) and not _alike(taught[name], now[name]):
            sentence = _sentence(name, taught, now, when)
            found.append(Difference(name, taught[name], now[name], sentence))
    return tuple(one for one in found if one is not None)


def _counts(name: str, taught: Mapping[str, Taught], now: Mapping[str, Feature]) -> bool:
    if name.startswith((_SIMULATED, "Device")) or any(word in name for word in _BY_THEMSELVES):
        return False
    automatic = _AUTOMATIC.get(name, "")
    if str(now.get(automatic, "Off")) != "Off":
        return False
    selector = _SELECTED.get(name, "")
    return selector not in now or selector not in taught or _alike(taught[selector], now[selector])


def _alike(taught: Taught, now: Feature) -> bool:
    values = taught.values if isinstance(taught, Several) else (taught,)
    numbers = [float(one) for one in values if _is_number(one)]
    if _is_number(now) and len(numbers) == len(values):
        low, high = min(numbers), max(numbers)
        room = TOLERANCE * max(abs(low), abs(high))
        return low - room <= float(now) <= high + room
    return any(_same(one, now) for one in values)


def _same(taught: Feature, now: Feature) -> bool:
    """Whether two values are the same, as typed by a person or told by a camera."""
    return str(taught).strip().lower() == str(now).strip().lower()


def _is_number(value: Feature) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _other_camera(taught: Mapping[str, Taught], now: Mapping[str, Feature]) -> Difference | None:
    for name in (SERIAL, MODEL):
        if name in taught and name in now and not _alike_camera(taught[name], now[name]):
            sentence = (
                f"Another camera: {_camera(taught)} at teaching, {_camera(now)} now; the optics "
                "may differ."
            )
            return Difference(name, taught[name], now[name], sentence)
    return None


def _alike_camera(taught: Taught, now: Feature) -> bool:
    values = taught.values if isinstance(taught, Several) else (taught,)
    return any(_same(one, now) for one in values)  # a serial number is no number to be close to


def _camera(features: Mapping[str, Taught] | Mapping[str, Feature]) -> str:
    words = [_shown(features[name], "") for name in (MODEL, SERIAL) if name in features]
    return " ".join(words)


def _sentence(
    name: str, taught: Mapping[str, Taught], now: Mapping[str, Feature], when: str
) -> str:
    words, unit = _WORDS.get(name, (name, ""))
    value = now[name]
    sentence = f"{words} was {_shown(taught[name], unit)} {when} and is {_shown(value, unit)}"
    return f"{sentence} now{_change(taught[name], value, unit)}."


def _change(taught: Taught, now: Feature, unit: str) -> str:
    """By how much in per cent, where that says something: not for decibels and edges."""
    if isinstance(taught, Several) or not (_is_number(taught) and _is_number(now)):
        return ""
    before, after = float(taught), float(now)
    if unit in ("dB", "px") or before <= 0.0:
        return ""
    percent = 100.0 * (after / before - 1.0)
    digits = 0 if abs(percent) >= 10.0 else 1
    return f" ({percent:+.{digits}f}\u00a0%)"


def _shown(value: Taught, unit: str) -> str:
    gap = f"\u00a0{unit}" if unit else ""
    if isinstance(value, Several):
        numbers = [one for one in value.values if _is_number(one)]
        if len(numbers) == len(value.values) and unit:
            return f"{_plain(min(numbers))} to {_plain(max(numbers))}{gap}"
        return " or ".join(sorted(_plain(one) for one in value.values)) + gap
    return _plain(value) + gap


def _plain(value: Feature) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value or "empty"
    if not math.isfinite(value):
        return str(value)
    if value == int(value):
        return f"{int(value):,}".replace(",", "\u00a0")
    digits = 2 if abs(value) >= 10.0 else 4
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".").replace(",", "\u00a0")
