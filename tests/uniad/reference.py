"""UniAD once more, the slow and plain way: sequence first, torch's attention, float masks.

It runs on the authors' state dict directly, so that both our network and the mapping of names
are held against something that shares no code with them. The backbone is written out from the
tables of the EfficientNet paper, with padding computed once for the model's own input size.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

STRIDES = (1, 2, 2, 2, 1)  # of the first block of each stage
SIDES = {"b0": 224, "b2": 260, "b4": 380}
REPEATS = {"b0": (1, 2, 2, 3, 3), "b2": (2, 3, 3, 4, 4), "b4": (2, 4, 4, 6, 6)}


def float_mask(height, width, neighbour):
    """0 where a query may look, -inf where not; slices as in an array, cell by cell."""
    mask = torch.zeros(height, width, height, width)
    up, left = neighbour[0] // 2, neighbour[1] // 2
    for row in range(height):
        for column in range(width):
            rows = slice(max(row - up, 0), row + up + 1)
            columns = slice(max(column - left, 0), column + left + 1)
            mask[row, column, rows, columns] = -math.inf
    return mask.reshape(height * width, height * width)


def sine_table(height, width, hidden):
    """DETR's positions, number by number."""
    features = hidden // 2
    table = torch.zeros(height, width, hidden, dtype=torch.float64)
    for row in range(height):
        for column in range(width):
            for axis, (place, count) in enumerate(((row, height), (column, width))):
                angle = (place + 1) / (count + 1e-6) * 2 * math.pi
                for i in range(features):
                    phase = angle / 10000 ** (2 * (i // 2) / features)
                    value = math.sin(phase) if i % 2 == 0 else math.cos(phase)
                    table[row, column, axis * features + i] = value
    return table.float().reshape(height * width, hidden)


class ReferenceNetwork:
    """The reconstruction network on the tensors of ``reconstruction.*``."""

    def __init__(self, state, *, grid, heads, neighbour, masks=(True, True, True)):
        prefix = "reconstruction."
        self.state = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        self.grid, self.heads = grid, heads
        mask = float_mask(*grid, neighbour)
        self.masks = [mask if one else None for one in masks]

    def rebuild(self, tokens):
        """(B, N, C) to (B, N, C)."""
        source = self.linear("input_proj", tokens.transpose(0, 1))
        position = self.position(source.shape[-1]).unsqueeze(1).repeat(1, source.shape[1], 1)
        memory = source
        for number in range(self.count("encoder")):
            name = f"transformer.encoder.layers.{number}."
            asked = memory + position
            memory = self.norm(
                name + "norm1",
                memory + self.attend(name + "self_attn", asked, asked, memory, self.masks[0]),
            )
            memory = self.norm(name + "norm2", memory + self.feed_forward(name, memory))
        out = memory
        for number in range(self.count("decoder")):
            name = f"transformer.decoder.layers.{number}."
            target = self.state[name + "learned_embed.weight"].unsqueeze(1)
            target = target.repeat(1, memory.shape[1], 1)
            attended = self.attend(
                name + "self_attn", target + position, memory + position, memory, self.masks[1]
            )
            target = self.norm(name + "norm1", target + attended)
            attended = self.attend(
                name + "multihead_attn", target + position, out + position, out, self.masks[2]
            )
            target = self.norm(name + "norm2", target + attended)
            out = self.norm(name + "norm3", target + self.feed_forward(name, target))
        out = self.norm("transformer.decoder.norm", out)
        return self.linear("output_proj", out).transpose(0, 1)

    def count(self, part):
        names = {k.split(".")[3] for k in self.state if k.startswith(f"transformer.{part}.layers.")}
        return len(names)

    def position(self, hidden):
        height, width = self.grid
        if "pos_embed.row_embed.weight" not in self.state:
            return sine_table(height, width, hidden)
        rows = self.state["pos_embed.row_embed.weight"]
        columns = self.state["pos_embed.col_embed.weight"]
        return torch.stack(
            [torch.cat((columns[c], rows[r])) for r in range(height) for c in range(width)]
        )

    def linear(self, name, values):
        return F.linear(values, self.state[name + ".weight"], self.state[name + ".bias"])

    def norm(self, name, values):
        weight, bias = self.state[name + ".weight"], self.state[name + ".bias"]
        return F.layer_norm(values, weight.shape, weight, bias, 1e-5)

    def feed_forward(self, name, values):
        return self.linear(name + "linear2", F.relu(self.linear(name + "linear1", values)))

    def attend(self, name, query, key, value, mask):
        attention = nn.MultiheadAttention(query.shape[-1], self.heads, dropout=0.0).eval()
        own = {k.removeprefix(name + "."): v for k, v in self.state.items() if k.startswith(name)}
        attention.load_state_dict(own)
        with torch.no_grad():
            return attention(query, key, value, attn_mask=mask)[0]


def reference_features(state, images, kind):
    """Maps at strides 2, 4, 8 and 16 of normalised images, from the tensors of ``backbone.*``."""
    tensors = {k.removeprefix("backbone."): v for k, v in state.items()}
    side = SIDES[kind]
    values = _same(images, tensors["_conv_stem.weight"], 2, side)
    values = F.silu(_batch_norm(tensors, "_bn0", values))
    side = math.ceil(side / 2)
    maps, number = [], 0
    for stage, repeats in enumerate(REPEATS[kind]):
        for block in range(repeats):
            stride = STRIDES[stage] if block == 0 else 1
            values = _block(tensors, f"_blocks.{number}.", values, stride, side)
            side = math.ceil(side / stride)
            number += 1
        if stage in (0, 1, 2, 4):
            maps.append(values)
    return maps


def _block(tensors, name, given, stride, side):
    values = given
    if name + "_expand_conv.weight" in tensors:
        values = F.conv2d(values, tensors[name + "_expand_conv.weight"])
        values = F.silu(_batch_norm(tensors, name + "_bn0", values))
    values = _same(values, tensors[name + "_depthwise_conv.weight"], stride, side, values.shape[1])
    values = F.silu(_batch_norm(tensors, name + "_bn1", values))
    squeezed = values.mean(dim=(2, 3), keepdim=True)
    for part in ("_se_reduce", "_se_expand"):
        squeezed = F.silu(squeezed) if part == "_se_expand" else squeezed
        weight, bias = tensors[f"{name}{part}.weight"], tensors[f"{name}{part}.bias"]
        squeezed = F.conv2d(squeezed, weight, bias)
    values = F.conv2d(values * squeezed.sigmoid(), tensors[name + "_project_conv.weight"])
    values = _batch_norm(tensors, name + "_bn2", values)
    return values + given if stride == 1 and values.shape == given.shape else values


def _same(values, weight, stride, side, groups=1):
    """Padded so that an input of that side would give side / stride places, rounded up."""
    total = max((math.ceil(side / stride) - 1) * stride + weight.shape[-1] - side, 0)
    before, after = total // 2, total - total // 2
    padded = F.pad(values, (before, after, before, after))
    return F.conv2d(padded, weight, stride=stride, groups=groups)


def _batch_norm(tensors, name, values):
    one = [tensors[f"{name}.{t}"] for t in ("running_mean", "running_var", "weight", "bias")]
    return F.batch_norm(values, *one, training=False, eps=1e-3)


def reference_maps(state, images, *, kind, stride=16, **network):
    """Anomaly maps (B, H, W) of images (B, 3, H, W) in 0..1."""
    mean = torch.tensor((0.485, 0.456, 0.406)).view(1, 3, 1, 1)
    deviation = torch.tensor((0.229, 0.224, 0.225)).view(1, 3, 1, 1)
    maps = reference_features(state, (images - mean) / deviation, kind)
    height, width = images.shape[-2] // stride, images.shape[-1] // stride
    aligned = torch.cat([nn.UpsamplingBilinear2d(size=(height, width))(one) for one in maps], dim=1)
    tokens = aligned.flatten(2).transpose(1, 2)
    rebuilt = ReferenceNetwork(state, grid=(height, width), **network).rebuild(tokens)
    difference = (rebuilt - tokens).transpose(1, 2).reshape(aligned.shape)
    distance = difference.pow(2).sum(dim=1, keepdim=True).sqrt()
    return nn.UpsamplingBilinear2d(scale_factor=stride)(distance)[:, 0]
