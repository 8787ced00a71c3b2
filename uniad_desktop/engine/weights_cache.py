"""The folder of backbone weights: one safetensors file per timm model, whole and labelled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import timm
from safetensors import SafetensorError, safe_open
from torch import Tensor

from uniad_desktop.engine.weights_file import WeightsError, read_state, state_hash, write_state
from uniad_desktop.engine.weights_fit import fit, full_model
from uniad_desktop.uniad.timm_models import check_name, tags_of

FORMAT = "uniad-desktop backbone weights 1"
_FIELDS = ("format", "name", "tag", "source", "licence", "sha256", "config")


@dataclass(frozen=True, slots=True)
class WeightsEntry:
    """What a weights file says of itself.

    Attributes:
        path: the file.
        name: timm model name with its tag.
        source: where the weights were fetched.
        licence: under which licence they may be passed on, or "not stated".
        sha256: hash of the tensors (see `state_hash`).
    """

    path: Path
    name: str
    source: str
    licence: str
    sha256: str


def full_name(name: str) -> str:
    """A timm model name with the tag that timm takes where none is given.

    Raises:
        WeightsError: timm has no such model, or no weights for it.
    """
    try:
        check_name(name)
    except ValueError as error:
        raise WeightsError(str(error)) from error
    architecture, _, tag = name.partition(".")
    if tag:
        return name
    known = timm.get_pretrained_cfg(name)
    if known is None or not known.tag or known.tag not in tags_of(architecture):
        raise WeightsError(
            f"timm knows no pretrained weights for '{name}'; choose another backbone or give a "
            "file with --backbone-weights."
        )
    return f"{architecture}.{known.tag}"


def entry_path(cache: Path, name: str) -> Path:
    """Where the weights of a model (full name) lie in a cache."""
    return cache / f"{name}.safetensors"


def read_label(path: Path) -> WeightsEntry | None:
    """What a file says of itself, or None for a file that is not one of ours. Reads no tensor."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
    except (OSError, SafetensorError):
        return None
    return _label(path, metadata)


def list_entries(cache: Path) -> list[WeightsEntry]:
    """All weights files of a cache, by name."""
    labels = (read_label(path) for path in sorted(cache.glob("*.safetensors")))
    return [label for label in labels if label is not None]


def read_entry(path: Path) -> tuple[WeightsEntry, dict[str, Tensor]]:
    """Reads a weights file of ours and checks that its tensors are those that were written.

    Raises:
        WeightsError: it is not such a file, or was changed or damaged.
    """
    state, metadata = read_state(path)
    label = _label(path, metadata)
    if label is None:
        raise WeightsError(
            f"{path} was not written by 'uniad-desktop weights export': it does not say what it "
            "holds. Give plain weights with --backbone-weights instead."
        )
    if state_hash(state) != label.sha256:
        raise WeightsError(
            f"{path} does not hold what was written (its SHA-256 differs); copy or fetch it again."
        )
    return label, state


def store(
    path: Path, name: str, state: Mapping[str, Tensor], *, source: str, licence: str
) -> WeightsEntry:
    """Writes the weights of a whole timm model, labelled, after checking that they fit it.

    Args:
        path: where to.
        name: timm model name with its tag.
        state: its tensors; what the model does not want is left out.
        source: where they come from.
        licence: their licence.

    Raises:
        WeightsError: they are not those of the model, or the disk refuses.
    """
    wanted = full_model(name).state_dict()
    fitted = fit(state, wanted, name=name, size=None, what=f"What came from {source}")
    label = WeightsEntry(path, name, source, licence, state_hash(fitted))
    known = timm.get_pretrained_cfg(name)
    config = known.to_dict(remove_source=True) if known is not None else {}
    metadata = {
        "format": FORMAT,
        "name": name,
        "tag": name.partition(".")[2],
        "source": source,
        "licence": licence,
        "sha256": label.sha256,
        "config": json.dumps({**config, "timm": timm.__version__}),
    }
    write_state(path, fitted, metadata)
    return label


def export_entry(entry: WeightsEntry, file: Path) -> WeightsEntry:
    """Writes weights of the cache, checked once more, to a file that can be carried.

    Raises:
        WeightsError: they are damaged, or the disk refuses.
    """
    held, state = _checked(entry.path)
    return store(file, held.name, state, source=held.source, licence=held.licence)


def import_entry(file: Path, cache: Path) -> WeightsEntry:
    """Puts a file of `export_entry` into a cache.

    Raises:
        WeightsError: it is no such file, is damaged, does not fit its model, or the disk refuses.
    """
    held, state = _checked(file)
    path = entry_path(cache, held.name)
    return store(path, held.name, state, source=held.source, licence=held.licence)


def _checked(path: Path) -> tuple[WeightsEntry, dict[str, Tensor]]:
    """Reads a file of ours whose tensors are exactly those of the model that it names."""
    label, state = read_entry(path)
    full_name(label.name)  # a name that timm does not know would also make a bad file name
    surplus = sorted(set(state) - set(full_model(label.name).state_dict()))
    if surplus:
        raise WeightsError(
            f"{path} holds {len(surplus)} tensors that '{label.name}' does not have, the first "
            f"is {surplus[0]}; it may come from another version of timm. Export it again with "
            "this version of the application."
        )
    return label, state


def _label(path: Path, metadata: Mapping[str, str]) -> WeightsEntry | None:
    if any(field not in metadata for field in _FIELDS) or metadata["format"] != FORMAT:
        return None
    return WeightsEntry(
        path, metadata["name"], metadata["source"], metadata["licence"], metadata["sha256"]
    )
