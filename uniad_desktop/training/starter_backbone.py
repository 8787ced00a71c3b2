"""The network of the shipped starter backbone: how it is made, loaded and fed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import timm
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from uniad_desktop.uniad.config import IMAGENET_DEVIATION, IMAGENET_MEAN, BackboneConfig
from uniad_desktop.uniad.features import build_backbone

#: MobileNetV2 1.0 up to stride 16: maps at strides 2, 4, 8 and 16.
STARTER = BackboneConfig(
    name="mobilenetv2_100", stages=(0, 1, 2, 3), channels=(16, 24, 32, 96), pad_type="same"
)
_FILE_KINDS = {".pth", ".pt", ".bin", ".safetensors"}


class BackboneError(ValueError):
    """A backbone that cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """A pretrained network in evaluation mode, and where it came from."""

    network: nn.Module
    name: str
    licence: str
    sha256: str


def create_network(pad_type: str = "same") -> nn.Module:
    """The starter network with random weights from torch's global generator.

    Args:
        pad_type: timm's name for the padding: "same" pads as TensorFlow does, "" symmetrically.

    Returns:
        A trainable module in evaluation mode, from normalised images (n, 3, h, w) to four maps
        of 16, 24, 32 and 96 channels. ``h`` and ``w`` should be multiples of 16.
    """
    return build_backbone(replace(STARTER, pad_type=pad_type)).requires_grad_(True)


def load_weights(path: Path, pad_type: str = "same") -> nn.Module:
    """Load a network saved as ``.safetensors``, or a state dict saved by torch (``.pth``).

    Layers after stride 16 (a classifier, say) are left over; every layer of ours must be there.
    A torch file is read with ``weights_only=True``: it cannot run code.

    Args:
        path: The file.
        pad_type: As in `create_network`.

    Returns:
        The network in evaluation mode.

    Raises:
        BackboneError: If the file is missing, unreadable or of another architecture.
    """
    if not path.is_file():
        raise BackboneError(f"There is no weights file {path}. Check the path.")
    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # both readers raise many kinds for a damaged file
        raise BackboneError(
            f"{path} cannot be read as weights ({type(error).__name__}). Use a .safetensors file "
            "or a state dict saved by torch."
        ) from error
    network = create_network(pad_type)
    wanted = network.state_dict()
    _check_state(path, state, wanted)
    network.load_state_dict({key: state[key] for key in wanted}, strict=True)
    return network


def load_teacher(source: str, name: str = "", licence: str = "", pad_type: str = "same") -> Teacher:
    """Load the network to learn from: a file, or a timm name fetched from the model hub.

    Args:
        source: Path of a weights file, or a timm name such as ``mobilenetv2_100.ra_in1k``.
        name: What to call it in the provenance; by default the file's or model's name.
        licence: Licence of its weights, for the provenance.
        pad_type: The padding that the weights were trained with, as in `create_network`.

    Returns:
        The teacher; its parameters take no gradient.

    Raises:
        BackboneError: If there is neither such a file nor such a timm model of our architecture.
    """
    path = Path(source)
    licence = licence or "not stated"
    if path.is_file() or path.suffix in _FILE_KINDS:
        network = load_weights(path, pad_type).requires_grad_(False)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return Teacher(network, name or path.name, licence, digest)
    if source.partition(".")[0] != STARTER.name:
        raise BackboneError(
            f"{source!r} is neither a file nor weights for {STARTER.name}. Give a weights file, "
            f"or a timm name that begins with {STARTER.name}."
        )
    try:
        fetched = timm.create_model(source, pretrained=True).state_dict()
    except Exception as error:  # the hub's clients raise many kinds
        raise BackboneError(
            f"The weights {source} could not be fetched ({type(error).__name__}). Fetch the file "
            "on a machine with internet access and give its path."
        ) from error
    network = create_network(pad_type).requires_grad_(False)
    network.load_state_dict({key: fetched[key] for key in network.state_dict()}, strict=True)
    return Teacher(network, name or f"timm {source}", licence, hash_state(fetched))


def hash_state(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names and values of a state dict, whatever file it came from."""
    digest = hashlib.sha256()
    for key in sorted(state):
        digest.update(key.encode())
        digest.update(state[key].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def normalise(images: Tensor) -> Tensor:
    """Scale RGB images (n, 3, h, w) from 0..1 to ImageNet's mean 0 and deviation 1."""
    mean = torch.tensor(IMAGENET_MEAN, device=images.device)[:, None, None]
    deviation = torch.tensor(IMAGENET_DEVIATION, device=images.device)[:, None, None]
    return (images - mean) / deviation


def _check_state(path: Path, state: object, wanted: Mapping[str, Tensor]) -> None:
    """Raise unless ``state`` holds every tensor of ``wanted`` in its shape."""
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise BackboneError(
            f"{path} holds no plain state dict. Save it with torch.save(network.state_dict())."
        )
    for key, value in wanted.items():
        if key not in state:
            raise BackboneError(f"{path} has no {key}: it is not a {STARTER.name} network.")
        if state[key].shape != value.shape:
            raise BackboneError(
                f"{path}: {key} is {tuple(state[key].shape)}, not {tuple(value.shape)}: "
                f"it is not a {STARTER.name} network."
            )
