"""Which features have another value than the feature set of the product says. No Qt."""

from __future__ import annotations

from collections.abc import Mapping

from uniad_desktop.cameras.feature_set import WRITTEN_ALIKE, FeatureSet, Selectors, alike
from uniad_desktop.cameras.feature_tree import Feature, FeatureKind, FeatureValue
from uniad_desktop.ui.setup import values


class Taught:
    """The values that belong to a product, looked up by feature.

    Args:
        wanted: its feature set; None: it has none.
    """

    def __init__(self, wanted: FeatureSet | None = None) -> None:
        self._values: dict[str, list[tuple[Selectors, str]]] = {}
        for entry in wanted.entries if wanted is not None else ():
            self._values.setdefault(entry.name, []).append((entry.selectors, entry.value))

    def where_different(self, feature: Feature, known: Mapping[str, Feature]) -> str:
        """The product's value as a person reads it; empty where it is the present one.

        Also where the product has none, or none for what the selectors select now.

        Args:
            feature: the feature.
            known: all features, of which the selectors are looked up.
        """
        if feature.value is None:
            return ""
        now = as_written(feature.value)
        for selectors, value in self._values.get(feature.name, ()):
            if all(_selects(known.get(name), entry) for name, entry in selectors):
                wanted = typed(feature, value)
                same = wanted == feature.value or alike(value, now, WRITTEN_ALIKE)
                return "" if same else values.as_text(feature, wanted)
        return ""


def as_written(value: FeatureValue) -> str:
    """A value as feature sets have it: truth is ``1`` or ``0``."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def typed(feature: Feature, text: str) -> FeatureValue:
    """A value of a feature set in the type of its feature; as it is where it is none."""
    try:
        if feature.kind is FeatureKind.INTEGER:
            return values.parsed(feature, text)  # addresses are written as such
        if feature.kind is FeatureKind.FLOAT:
            return float(text)
    except ValueError:
        return text
    if feature.kind is FeatureKind.BOOLEAN:
        return text.strip().lower() in ("1", "true")
    return text


def _selects(selector: Feature | None, wanted: str) -> bool:
    return (
        selector is not None
        and selector.value is not None
        and alike(wanted, as_written(selector.value), WRITTEN_ALIKE)
    )
