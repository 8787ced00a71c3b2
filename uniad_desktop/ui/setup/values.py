"""Values of camera features as text and back (GenApi kinds and representations). No Qt."""

from __future__ import annotations

import math

from uniad_desktop.cameras.feature_tree import Feature, FeatureKind, FeatureValue, Representation

_GAP = "\u00a0"
_MOST_DECIMALS = 9
_IPV4_BITS, _MAC_BITS = 32, 48
_STEPS = 100  # of a range, where the camera gives no step


class WrongValueError(ValueError):
    """What was typed is no value of the feature; the message is a sentence for the user."""


def as_text(feature: Feature, value: FeatureValue | None) -> str:
    """A value as a person reads it; empty where there is none."""
    if value is None:
        return ""
    if feature.kind is FeatureKind.ENUMERATION:
        named = (one.display_name for one in feature.entries if one.name == value)
        return next(named, str(value)) or str(value)
    if isinstance(value, bool) or feature.kind in (FeatureKind.STRING, FeatureKind.REGISTER):
        return str(value)
    if feature.kind is FeatureKind.INTEGER and isinstance(value, int):
        return _integer(value, feature.representation)
    if isinstance(value, int | float):
        return _float(float(value), feature.precision)
    return str(value)


def as_typed(feature: Feature, value: FeatureValue | None) -> str:
    """A value as it stands in a field to type in: without gaps between thousands."""
    return as_text(feature, value).replace(_GAP, "")


def range_text(feature: Feature) -> str:
    """What a number may be, with its step where that is not 1: ``10 … 1 000, step 2``."""
    if feature.minimum is None or feature.maximum is None:
        return ""
    words = f"{as_text(feature, feature.minimum)} … {as_text(feature, feature.maximum)}"
    plain = feature.kind is FeatureKind.INTEGER and feature.increment == 1
    if feature.increment and not plain:
        # A step is a count, never an address.
        step = (
            _float(float(feature.increment), feature.precision)
            if feature.kind is FeatureKind.FLOAT
            else _integer(int(feature.increment), Representation.LINEAR)
        )
        words += f" (± {step})"
    return words


def unit_text(feature: Feature) -> str:
    """The unit as it is printed; cameras write ``us`` for microseconds."""
    return "µs" if feature.unit == "us" else feature.unit


def parsed(feature: Feature, typed: str) -> FeatureValue:
    """What was typed, as a value to write.

    Raises:
        WrongValueError: it is no such value; the camera itself judges range and step.
    """
    typed = typed.strip()
    if feature.kind is FeatureKind.INTEGER:
        return _parsed_integer(feature, typed.replace(_GAP, "").replace(" ", ""))
    if feature.kind is FeatureKind.FLOAT:
        plain = typed.replace(_GAP, "").replace(" ", "")
        if plain.count(",") == 1 and "." not in plain:
            plain = plain.replace(",", ".")
        try:
            number = float(plain)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise WrongValueError(f"“{typed}” is no number; type one such as 1250.5.")
        return number
    if feature.kind is FeatureKind.REGISTER:
        plain = typed.removeprefix("0x").replace(" ", "")
        try:
            bytes.fromhex(plain)
        except ValueError:
            raise WrongValueError(
                "A register takes pairs of hexadecimal digits, such as 00 1F A4."
            ) from None
        return plain
    return typed


def stepped(feature: Feature, value: FeatureValue | None, direction: int) -> int | float | None:
    """The next value up (1) or down (-1) inside the range; None where there is none.

    The camera's own step where it has one, else 1, a hundredth of a linear range, or a tenth of
    the value where the camera calls the feature logarithmic or the range is without end.
    """
    if isinstance(value, bool | str) or value is None:
        return None
    low, high = feature.minimum, feature.maximum
    if feature.kind is FeatureKind.INTEGER:
        wanted: int | float = int(value) + direction * int(feature.increment or 1)
    else:
        wanted = float(value) + direction * _float_step(feature, float(value))
    if low is not None:
        wanted = max(low, wanted)
    if high is not None:
        wanted = min(high, wanted)
    return None if wanted == value else wanted


def _float_step(feature: Feature, value: float) -> float:
    if feature.increment:
        return float(feature.increment)
    low, high = feature.minimum, feature.maximum
    by_value = feature.representation is Representation.LOGARITHMIC
    if low is None or high is None or not math.isfinite(high - low) or high <= low or by_value:
        return _round_step(abs(value) / 10) if value else 1.0
    return _round_step(min((high - low) / _STEPS, abs(value) / 10 or math.inf))


def _round_step(step: float) -> float:
    """1, 2 or 5 times a power of ten, at most `step`."""
    power = 10.0 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next((n * power for n in (5, 2, 1) if n * power <= step * 1.000001), power)


def slider_place(feature: Feature, value: float, steps: int) -> int:
    """Where a value stands on a slider of `steps`, as the camera's representation says."""
    low, high, logarithmic = _span(feature)
    if logarithmic:
        low, high, value = math.log(low), math.log(high), math.log(max(value, low))
    return round(min(max((value - low) / (high - low), 0.0), 1.0) * steps)


def slider_value(feature: Feature, place: int, steps: int) -> int | float:
    """The value at a place of a slider, on a step of the feature."""
    low, high, logarithmic = _span(feature)
    if place in (0, steps):  # the ends are exact
        return (feature.minimum if place == 0 else feature.maximum) or 0
    share = place / steps
    value = (
        math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        if logarithmic
        else low + share * (high - low)
    )
    step = feature.increment or (1 if feature.kind is FeatureKind.INTEGER else None)
    if step:
        value = low + round((value - low) / step) * step
    elif value:
        # Three figures are as fine as a finger.
        value = round(value, 2 - math.floor(math.log10(abs(value))))
    value = min(max(value, low), high)
    return round(value) if feature.kind is FeatureKind.INTEGER else value


def has_slider(feature: Feature) -> bool:
    """Whether the camera means the number to be dragged: linear or logarithmic, with both ends."""
    if feature.representation not in (Representation.LINEAR, Representation.LOGARITHMIC):
        return False
    low, high = feature.minimum, feature.maximum
    number = feature.kind in (FeatureKind.INTEGER, FeatureKind.FLOAT)
    return number and low is not None and high is not None and low < high < 1e12


def _span(feature: Feature) -> tuple[float, float, bool]:
    low, high = float(feature.minimum or 0), float(feature.maximum or 0)
    return low, high, feature.representation is Representation.LOGARITHMIC and low > 0


def _integer(value: int, representation: Representation) -> str:
    if representation is Representation.HEX_NUMBER:
        return f"0x{value:X}" if value >= 0 else f"-0x{-value:X}"
    if representation is Representation.IPV4_ADDRESS and 0 <= value < 1 << _IPV4_BITS:
        return ".".join(str(byte) for byte in value.to_bytes(4, "big"))
    if representation is Representation.MAC_ADDRESS and 0 <= value < 1 << _MAC_BITS:
        return ":".join(f"{byte:02X}" for byte in value.to_bytes(6, "big"))
    return f"{value:,}".replace(",", _GAP)


def _float(value: float, precision: int) -> str:
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size and not 1e-4 <= size < 1e12:
        return f"{value:.{max(1, precision)}g}"
    # Not more digits than the value has: the precision of GenApi counts all of them.
    before = max(1, math.floor(math.log10(size)) + 1) if size else 1
    decimals = min(max(1, precision - before), _MOST_DECIMALS) if precision else 0
    words = f"{value:,.{decimals}f}".replace(",", _GAP)
    if "." in words:
        whole, _, rest = words.partition(".")
        words = f"{whole}.{rest.rstrip('0') or '0'}"
    return words


def _parsed_integer(feature: Feature, typed: str) -> int:
    kind = feature.representation
    try:
        if kind is Representation.IPV4_ADDRESS and "." in typed:
            parts = [int(one) for one in typed.split(".")]
            if len(parts) != 4 or not all(0 <= one < 256 for one in parts):
                raise ValueError
            return int.from_bytes(bytes(parts), "big")
        if kind is Representation.MAC_ADDRESS and (":" in typed or "-" in typed):
            pairs = [int(one, 16) for one in typed.replace("-", ":").split(":")]
            if len(pairs) != 6 or not all(0 <= one < 256 for one in pairs):
                raise ValueError
            return int.from_bytes(bytes(pairs), "big")
        return int(typed, 16) if typed.lower().lstrip("-").startswith("0x") else int(typed)
    except ValueError:
        examples = {
            Representation.IPV4_ADDRESS: "an address such as 192.168.3.4",
            Representation.MAC_ADDRESS: "an address such as 00:30:53:1A:2B:3C",
            Representation.HEX_NUMBER: "a whole number such as 0x1F or 31",
        }
        wanted = examples.get(kind, "a whole number such as 640")
        raise WrongValueError(f"“{typed}” is not understood; type {wanted}.") from None
