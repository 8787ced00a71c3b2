"""Where a backbone's weights come from: package, file, cache or hub; random ones never pass."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from uniad_desktop.engine.package import (
    ModelPackage,
    PackageError,
    backbone_hash,
    find_packages,
    open_package,
)
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.engine.weights_cache import entry_path, full_name, read_entry, read_label
from uniad_desktop.engine.weights_file import WeightsError, read_state
from uniad_desktop.engine.weights_fit import fit
from uniad_desktop.engine.weights_hub import fetch
from uniad_desktop.uniad.config import BackboneConfig, UniADConfig
from uniad_desktop.uniad.features import FeaturePyramid, backbone_shapes

__all__ = ["BackboneWeights", "WeightsError", "find_backbone_weights", "load_pyramid_weights"]

log = logging.getLogger(__name__)

_PREFIX = "pyramid.backbone."


@dataclass(frozen=True, slots=True)
class BackboneWeights:
    """Weights that fit a backbone, tensor by tensor.

    Attributes:
        state: tensors under the names of `build_backbone`'s module.
        source: where they come from, for people.
        licence: under which licence they may be passed on, or "not stated".
        sha256: as `BackboneProvenance.sha256` of a package that holds them.
    """

    state: dict[str, Tensor]
    source: str
    licence: str
    sha256: str


def find_backbone_weights(
    config: UniADConfig,
    *,
    package: ModelPackage | None = None,
    file: Path | None = None,
    cache: Path,
    offline: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> BackboneWeights:
    """Finds the weights of a config's backbone.

    Looks, in this order, into the package (only where its backbone is the wanted one, as far as
    the wanted stages go), the file, the packages that come with the application, the cache and
    timm's hub, which is fetched into the cache with a progress bar on stderr.

    Args:
        config: the architecture. Position embeddings are resized to its input.
        package: one that may hold the backbone.
        file: safetensors or a state dict of timm or torch. A given file must fit; nothing else
            is tried in its place.
        cache: folder of fetched weights.
        offline: whether to stay off the net.
        stop: whether the user wants to end; a part that was fetched stays for the next time.

    Raises:
        WeightsError: none are found, or those given do not fit; says what was tried and the way
            out.
        KeyboardInterrupt: the user wants to end.
    """
    try:
        wanted = backbone_shapes(config.backbone, (config.input_height, config.input_width))
    except ValueError as error:
        raise WeightsError(str(error)) from error
    tried: list[str] = []
    if package is not None:
        found = _from_package(package, config, wanted, tried)
        if found is not None:
            return found
    if file is not None:
        return _from_file(file, config, wanted)
    found = _from_shipped(config, wanted, tried)
    if found is not None:
        return found
    return _from_cache_or_hub(config, wanted, cache, tried, None if offline else stop)


def load_pyramid_weights(pyramid: FeaturePyramid, weights: BackboneWeights) -> None:
    """Puts weights into a pyramid's backbone.

    Raises:
        WeightsError: they are those of another backbone or input size.
    """
    try:
        pyramid.backbone.load_state_dict(weights.state, strict=True)
    except RuntimeError as error:
        raise WeightsError(
            f"The weights from {weights.source} are those of another backbone or input size; "
            "find them with the config of this network."
        ) from error


def _from_package(
    package: ModelPackage, config: UniADConfig, wanted: dict[str, Tensor], tried: list[str]
) -> BackboneWeights | None:
    held = package.manifest.architecture
    place = f"the package {package.folder}"
    if not _holds(held.backbone, config.backbone):
        tried.append(f"{place} (its backbone is {_words(held.backbone)})")
        return None
    try:
        weights = package.weights()
    except PackageError as error:
        raise WeightsError(str(error)) from error
    state = {
        name.removeprefix(_PREFIX): tensor
        for name, tensor in weights.items()
        if name.startswith(_PREFIX)
    }
    if any(name in state and state[name].shape != one.shape for name, one in wanted.items()):
        # Position embeddings that were resized once are not resized again: that would blur them.
        tried.append(f"{place} (made for {held.input_height} x {held.input_width} pixels)")
        return None
    fitted = fit(
        state, wanted, name=config.backbone.name, size=None, what=f"The backbone of {place}"
    )
    provenance = package.manifest.backbone
    return _found(fitted, provenance.source, provenance.licence)


def _from_file(file: Path, config: UniADConfig, wanted: dict[str, Tensor]) -> BackboneWeights:
    label = read_label(file)
    state = read_state(file)[0] if label is None else read_entry(file)[1]
    fitted = _fit(state, config, wanted, str(file))
    if label is None:
        return _found(fitted, f"file {file.name}", "not stated")
    return _found(fitted, label.source, label.licence)


def _from_shipped(
    config: UniADConfig, wanted: dict[str, Tensor], tried: list[str]
) -> BackboneWeights | None:
    folder = shipped_models()
    packages = find_packages([folder] if folder is not None else [])
    for _, _, place in packages:
        found = _from_package(open_package(place), config, wanted, [])
        if found is not None:
            return found
    if packages:
        tried.append("the models that come with the application (they have other backbones)")
    return None


def _from_cache_or_hub(
    config: UniADConfig,
    wanted: dict[str, Tensor],
    cache: Path,
    tried: list[str],
    stop: Callable[[], bool] | None,
) -> BackboneWeights:
    name = full_name(config.backbone.name)
    path = entry_path(cache, name)
    if not path.is_file():
        tried.append(f"the cache {cache} (has no {path.name})")
    else:
        try:
            label, state = read_entry(path)
        except WeightsError as error:
            tried.append(f"the cache: {str(error).rstrip('.')}")
        else:
            return _found(_fit(state, config, wanted, str(path)), label.source, label.licence)
    if stop is None:
        tried.append("not timm's hub, as wished")
    else:
        try:
            label = fetch(name, cache, stop=stop)
        except WeightsError as error:
            tried.append(str(error).rstrip("."))
        else:
            log.info("Weights: %s, licence %s.", label.source, label.licence)
            _, state = read_entry(label.path)
            return _found(_fit(state, config, wanted, str(path)), label.source, label.licence)
    raise WeightsError(
        f"No weights of the backbone '{name}' were found, and random ones are never used. Tried: "
        f"{'; '.join(tried)}. On a machine with internet access run 'uniad-desktop weights export "
        f"{name} FILE', bring FILE here and run 'uniad-desktop weights import FILE'; or give "
        "weights with --backbone-weights FILE."
    )


def _fit(
    state: dict[str, Tensor], config: UniADConfig, wanted: dict[str, Tensor], what: str
) -> dict[str, Tensor]:
    size = (config.input_height, config.input_width)
    return fit(state, wanted, name=config.backbone.name, size=size, what=what)


def _found(state: dict[str, Tensor], source: str, licence: str) -> BackboneWeights:
    held = {f"{_PREFIX}{name}": tensor for name, tensor in state.items()}
    return BackboneWeights(state, source, licence, backbone_hash(held))


def _holds(held: BackboneConfig, wanted: BackboneConfig) -> bool:
    """Whether one network has all stages of another; which of them are looked at is no matter."""
    return held.stages[-1] >= wanted.stages[-1] and all(
        getattr(held, one) == getattr(wanted, one)
        for one in ("name", "pad_type", "padded_for", "image_mean", "image_deviation")
    )


def _words(backbone: BackboneConfig) -> str:
    return f"{backbone.name}, stages {', '.join(map(str, backbone.stages))}" + (
        f", padding {backbone.pad_type}" if backbone.pad_type else ""
    )
