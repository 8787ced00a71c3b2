"""The built-in comparisons: those of the paper, written as a file of the user would be."""

from __future__ import annotations

from typing import Any, Final

from uniad_desktop.training.recipes import fast_recipe
from uniad_desktop.uniad.config import Attention, PositionKind, QueryDesign

PLAIN: Final[dict[str, Any]] = {"query": "none", "masked": [], "jitter_scale": 0}
"""The paper's plain transformer: no masks, no learned queries, no jitter."""

_SHORTCUT = [
    {"name": "MLP", "network": "mlp", "jitter_scale": 0},
    {"name": "CNN", "network": "cnn", "jitter_scale": 0},
    {"name": "plain transformer", **PLAIN},
    {"name": "UniAD"},
]

_PLACES = {
    "encoder": Attention.ENCODER,
    "decoder first": Attention.DECODER_ENCODED,
    "decoder second": Attention.DECODER_PREVIOUS,
}


def _masks() -> list[dict[str, Any]]:
    names = list(_PLACES)
    pairs = [[one, other] for number, one in enumerate(names) for other in names[number + 1 :]]
    variants = [{"name": "none", "masked": []}]
    for chosen in [*([one] for one in names), *pairs]:
        masked = [_PLACES[one].value for one in chosen]
        variants.append({"name": " + ".join(chosen), "masked": masked})
    return [*variants, {"name": "all three", "masked": [one.value for one in Attention]}]


def _jitters() -> list[dict[str, Any]]:
    variants: list[dict[str, Any]] = [{"name": "none", "jitter_scale": 0}]
    for scale in (5, 10, 20, 30):
        for probability in (0.5, 1.0):
            name = f"scale {scale}, {probability:.0%}"
            changes = {"jitter_scale": scale, "jitter_probability": probability}
            variants.append({"name": name, **changes})
    return variants


def _fast() -> dict[str, Any]:
    """The fast recipe but for its averaging: the curves are of the weights that are trained."""
    recipe = fast_recipe(1)
    names = ("batch", "rate", "embedding_factor", "decay_embeddings", "clip")
    return {**recipe.config, **{name: getattr(recipe.settings, name) for name in names}}


SUITES: Final[dict[str, dict[str, Any]]] = {
    "shortcut": {
        "title": "The identical shortcut: UniAD and the baselines",
        "variant": _SHORTCUT,
    },
    "masks": {"title": "Where the neighbour mask applies", "variant": _masks()},
    "neighbours": {
        "title": "Size of the masked neighbourhood",
        "variant": [{"name": f"{one} x {one}", "neighbour": one} for one in (1, 5, 7, 8, 9)],
    },
    "queries": {
        "title": "Learned queries of the decoder",
        # With one layer there is nothing to be layer-wise.
        "base": {"layers": 2},
        "variant": [{"name": one.value, "query": one.value} for one in QueryDesign],
    },
    "jitter": {
        "title": "Scale and probability of the feature jitter",
        # The noise goes with one over the root of the channels: with all stages the scales mean
        # about what they do in the paper.
        "base": {"stages": [0, 1, 2, 3]},
        "variant": _jitters(),
    },
    "separate": {
        "title": "One model for all products, and one for each",
        "variant": [{"name": "unified"}, {"name": "separate", "separate": True}],
    },
    "layers": {
        "title": "Layers of encoder and decoder",
        "variant": [{"name": f"{one} + {one}", "layers": one} for one in (1, 2, 3, 4)],
    },
    "positions": {
        "title": "Position embedding",
        "variant": [{"name": one.value, "position": one.value} for one in PositionKind],
    },
}
"""Every built-in comparison by name: title, variants and, where it needs one, a base."""

SIZES: Final[dict[str, dict[str, Any]]] = {
    "small": {
        "data": ["simulated:32:20"],
        "alignment": "area",
        "stages": [1],
        "standardised": True,
        # Wide and shallow, so that the baselines can pass on what they see.
        "hidden": 128,
        "heads": 4,
        "layers": 1,
        "dropout": 0.0,
        "jitter_scale": 6.0,
        "steps": 800,
        "batch": 4,
        "rate": 1e-3,
        "embedding_factor": 25.0,
    },
    "full": {"data": ["simulated"], **_fast(), "steps": 5000},
}
"""Bases to begin with: one for minutes on a processor, and the paper's architecture,
trained by the fast recipe."""
