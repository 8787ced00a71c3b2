"""Feature jitter (section 3.4): noise that the network has to remove while training."""

from __future__ import annotations

import torch
from torch import Tensor


def jitter_features(tokens: Tensor, scale: float, probability: float) -> Tensor:
    """Adds N(0, 1) * scale * |token|_2 / C to every token, with a probability per batch.

    Args:
        tokens: (B, N, C) feature tokens.
        scale: alpha, 20 in the paper.
        probability: probability that this batch is jittered, 1 in the paper.

    Returns:
        (B, N, C); the same tensor where no noise is added.
    """
    if scale == 0.0 or probability == 0.0:
        return tokens
    if probability < 1.0 and float(torch.rand(())) >= probability:
        return tokens
    length: Tensor = torch.linalg.vector_norm(tokens, dim=-1, keepdim=True)
    deviation = scale / tokens.shape[-1] * length
    noise: Tensor = torch.randn_like(tokens) * deviation
    return tokens + noise
