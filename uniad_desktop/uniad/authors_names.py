"""What the authors call the tensors of UniAD, and what we do."""

from __future__ import annotations

from collections.abc import Iterator

from uniad_desktop.uniad.authors_efficientnet import EFFICIENTNETS, timm_names
from uniad_desktop.uniad.config import PositionKind, UniADConfig

BACKBONE = "backbone."
NETWORK = "reconstruction."
PYRAMID = "pyramid.backbone."


def network_names(config: UniADConfig) -> Iterator[tuple[str, str]]:
    """(theirs, ours) for every tensor of the reconstruction network."""
    if config.position is PositionKind.LEARNED:
        yield f"{NETWORK}pos_embed.row_embed.weight", "network.position.row"
        yield f"{NETWORK}pos_embed.col_embed.weight", "network.position.column"
    attentions = {
        "encoder": {"self_attn": "attention"},
        "decoder": {"self_attn": "attend_encoded", "multihead_attn": "attend_previous"},
    }
    counts = {"encoder": config.encoder_layers, "decoder": config.decoder_layers}
    modules = {"input_proj": "input_proj", "output_proj": "output_proj"}
    modules["transformer.decoder.norm"] = "norm"
    for part, names in attentions.items():
        for number in range(counts[part]):
            theirs, ours = f"transformer.{part}.layers.{number}", f"{part}.{number}"
            for one, other in names.items():
                modules[f"{theirs}.{one}.out_proj"] = f"{ours}.{other}.out_proj"
                for tensor in ("in_proj_weight", "in_proj_bias"):
                    yield f"{NETWORK}{theirs}.{one}.{tensor}", f"network.{ours}.{other}.{tensor}"
            modules[f"{theirs}.linear1"] = f"{ours}.feed_forward.0"
            modules[f"{theirs}.linear2"] = f"{ours}.feed_forward.3"
            for norm in ("norm1", "norm2", "norm3")[: 1 + len(names)]:
                modules[f"{theirs}.{norm}"] = f"{ours}.{norm}"
            if part == "decoder":
                yield f"{NETWORK}{theirs}.learned_embed.weight", f"network.{ours}.query"
    for one, other in modules.items():
        for tensor in ("weight", "bias"):
            yield f"{NETWORK}{one}.{tensor}", f"network.{other}.{tensor}"


def backbone_names(config: UniADConfig) -> dict[str, str]:
    """(theirs, ours) for every tensor of the backbone that is used."""
    model = next(m for m in EFFICIENTNETS.values() if m.timm_name == config.backbone.name)
    names = timm_names(model)
    return {BACKBONE + theirs: PYRAMID + ours for theirs, ours in names.items()}
