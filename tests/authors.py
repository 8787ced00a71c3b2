"""Checkpoints as the authors' training script writes them, with random weights."""

import sys
import types

import torch

from uniad_desktop.uniad.authors_checkpoint import to_authors
from uniad_desktop.uniad.authors_efficientnet import EFFICIENTNETS
from uniad_desktop.uniad.config import BackboneConfig, UniADConfig
from uniad_desktop.uniad.model import UniAD


def authors_config(kind="b0", **changes) -> UniADConfig:
    """A small network behind one of the authors' backbones."""
    model = EFFICIENTNETS[kind]
    values = {
        "backbone": BackboneConfig(
            name=model.timm_name,
            stages=(0, 1, 2, 3),
            channels=model.feature_channels,
            padded_for=model.side,
        ),
        "input_height": 64,
        "input_width": 64,
        "hidden": 32,
        "encoder_layers": 1,
        "decoder_layers": 2,
        "feed_forward": 48,
        "neighbour_height": 3,
        "neighbour_width": 3,
    }
    return UniADConfig(**{**values, **changes})


def random_model(config: UniADConfig, seed: int = 0) -> UniAD:
    """No two tensors are alike: a name that is mixed up changes the result."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = UniAD(config).eval().requires_grad_(False)
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d | torch.nn.LayerNorm):
                module.weight.uniform_(0.6, 1.4)
                module.bias.normal_(0.0, 0.2)
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0.0, 0.2)
                module.running_var.uniform_(0.6, 1.4)
        for name, parameter in model.network.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0.0, 0.1)
    return model


def authors_state(config: UniADConfig, *, wrapped=True, backbone=True, seed=0):
    """The state dict, with names as data-parallel training leaves them."""
    state = to_authors(random_model(config, seed).state_dict(), config)
    if backbone:
        # Theirs goes on to the classifier, which nothing reads.
        state["backbone._conv_head.weight"] = torch.randn(8, 4, 1, 1)
        state["backbone._bn1.num_batches_tracked"] = torch.tensor(3)
        state["backbone._fc.bias"] = torch.randn(5)
    else:
        state = {k: v for k, v in state.items() if not k.startswith("backbone.")}
    return {f"module.{k}" if wrapped else k: v for k, v in state.items()}


def authors_arch(config: UniADConfig, kind="b0", easy=dict, **changes):
    """The configuration that their script stores beside the weights."""
    places = ("encoder", "decoder-encoded", "decoder-previous")
    network = {
        "pos_embed_type": "learned",
        "hidden_dim": config.hidden,
        "nhead": config.heads,
        "dropout": config.dropout,
        "activation": "relu",
        "normalize_before": False,
        "feature_jitter": easy(scale=config.jitter_scale, prob=config.jitter_probability),
        "neighbor_mask": easy(
            neighbor_size=[config.neighbour_height, config.neighbour_width],
            mask=[place in config.masked for place in places],
        ),
        "feature_size": list(config.grid),
    }
    return [
        easy(
            name="backbone",
            type=f"models.backbones.efficientnet_{kind}",
            frozen=True,
            kwargs=easy(pretrained=True, outblocks=[1, 5, 9, 21]),
        ),
        easy(name="neck", prev="backbone", kwargs=easy(outstrides=[16])),
        easy(
            name="reconstruction",
            type="models.reconstructions.UniAD",
            kwargs=easy(**(network | changes)),
        ),
    ]


def easydict_module() -> types.ModuleType:
    """A package that makes dicts whose entries are attributes as well, and pickles them so."""

    class EasyDict(dict):
        def __init__(self, **entries):
            super().__init__(**entries)
            self.__dict__.update(entries)

    EasyDict.__module__, EasyDict.__qualname__ = "easydict", "EasyDict"
    module = types.ModuleType("easydict")
    module.EasyDict = EasyDict
    return module


def save_authors(path, state, *, monkeypatch=None, arch=None, **options):
    """Writes what the training script writes: weights among other things."""
    import numpy as np

    content = {
        "epoch": 7,
        "arch": arch,
        "state_dict": state,
        "best_metric": np.float64(0.97),
        "optimizer": {"state": {}, "param_groups": [{"lr": 1e-4, "params": [0, 1]}]},
    }
    if monkeypatch is not None:
        monkeypatch.setitem(sys.modules, "easydict", easydict_module())
    torch.save(content, path, **options)
    return path
