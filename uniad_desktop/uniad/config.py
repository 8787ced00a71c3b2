"""The architecture in numbers: one frozen config that travels inside every model package."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


class ScoreKind(StrEnum):
    """How a map becomes one number (section 4 of the paper, and its CIFAR-10 setting)."""

    MAX_POOLED = "max-pooled"
    MEAN = "mean"
    DEVIATION = "deviation"


class Attention(StrEnum):
    """The three attentions of the network, each of which may wear the neighbour mask."""

    ENCODER = "encoder"
    DECODER_ENCODED = "decoder-encoded"
    DECODER_PREVIOUS = "decoder-previous"


class NetworkKind(StrEnum):
    """What rebuilds the features: the paper's network, or one of the baselines it is held against.

    The plain transformer is a transformer with `QueryDesign.NONE`, no masks and no jitter.
    """

    TRANSFORMER = "transformer"
    MLP = "mlp"
    CNN = "cnn"


class QueryDesign(StrEnum):
    """The learned queries of the decoder that the paper compares (section 3.2 and appendix)."""

    NONE = "none"  # a plain decoder: the encoder's output is what asks
    SINGLE = "single"  # one learned query for the first layer, which later layers refine
    LAYER_ADDED = "layer-added"  # one per layer, added to the previous layer's output
    LAYER_ATTENDED = "layer-attended"  # one per layer: attends encoder, then previous output


class PositionKind(StrEnum):
    """Where a token is: learned rows and columns, or fixed sines (as in DETR)."""

    LEARNED = "learned"
    SINE = "sine"


class Alignment(StrEnum):
    """How feature maps are brought to one grid."""

    BILINEAR = "bilinear"  # the paper's; of a shallow map it reads a few points only
    AREA = "area"  # means over each token's whole area, so that no small defect falls between


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneConfig:
    """The frozen feature extractor.

    Attributes:
        name: timm model name.
        stages: indices of the feature stages used, shallow to deep (timm ``out_indices``).
        channels: channels of each of these stages; their sum is C_org.
        stride: stride of the grid that all stages are aligned to, in input pixels.
        pad_type: timm's ``pad_type`` where the model takes one (``same`` for weights that come
            from TensorFlow), or empty.
        padded_for: input side in pixels that SAME padding was computed for once and for all, as
            the authors' EfficientNets do (380 for b4), or 0 where every input gets its own. A
            checkpoint of the authors gives its maps only with their padding.
        image_mean, image_deviation: per colour, of images in 0..1; what the weights were trained
            with.
    """

    name: str
    stages: tuple[int, ...]
    channels: tuple[int, ...]
    stride: int = 16
    pad_type: str = ""
    padded_for: int = 0
    image_mean: tuple[float, float, float] = IMAGENET_MEAN
    image_deviation: tuple[float, float, float] = IMAGENET_DEVIATION

    def __post_init__(self) -> None:
        if not self.stages or len(self.stages) != len(self.channels):
            raise ValueError("A backbone needs as many channel counts as stages, at least one.")
        if list(self.stages) != sorted(set(self.stages)) or self.stages[0] < 0:
            raise ValueError(f"Backbone stages must rise, got {self.stages}.")
        if min(self.channels) < 1 or self.stride < 1:
            raise ValueError("Channel counts and stride must be positive.")
        if self.padded_for < 0 or min(self.image_deviation) <= 0.0:
            raise ValueError("A backbone's padding size or image deviation makes no sense.")

    @property
    def feature_channels(self) -> int:
        """C_org: channels of all stages together."""
        return sum(self.channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class UniADConfig:
    """Everything that decides the shape and the arithmetic of a UniAD model.

    Attributes:
        backbone: the frozen feature extractor.
        input_height, input_width: network input in pixels, multiples of the backbone's stride.
        alignment: how feature maps are brought to one grid.
        network: what rebuilds the features.
        query: the decoder's learned queries.
        position: how tokens know where they are.
        hidden: width of the tokens inside the network.
        heads: attention heads.
        encoder_layers, decoder_layers: number of layers.
        feed_forward: width of the feed-forward blocks.
        dropout: dropout probability while training.
        neighbour_height, neighbour_width: size of the square around a query whose keys are
            masked, in tokens. As in the authors' code it reaches half the size, rounded down, to
            each side of the query, so that 8 masks the same nine tokens as 9.
        masked: which attentions wear the neighbour mask.
        jitter_scale: alpha of the feature jitter.
        jitter_probability: probability that a batch is jittered.
        standardised: whether features are standardised by per-channel means and deviations of
            the training set. The map's unit is then deviations; else raw feature distance.
        spread: whether a second head predicts how far off each channel typically is at each
            place, and the difference is divided by it (not in the paper). The map's unit is then
            typical differences.
        score: how the map becomes one number.
        score_pool: side of the average pooling before the maximum, in input pixels.
    """

    backbone: BackboneConfig
    input_height: int = 224
    input_width: int = 224
    alignment: Alignment = Alignment.BILINEAR
    network: NetworkKind = NetworkKind.TRANSFORMER
    query: QueryDesign = QueryDesign.LAYER_ATTENDED
    position: PositionKind = PositionKind.LEARNED
    hidden: int = 256
    heads: int = 8
    encoder_layers: int = 4
    decoder_layers: int = 4
    feed_forward: int = 1024
    dropout: float = 0.1
    neighbour_height: int = 7
    neighbour_width: int = 7
    masked: frozenset[Attention] = frozenset(Attention)
    jitter_scale: float = 20.0
    jitter_probability: float = 1.0
    standardised: bool = False
    spread: bool = False
    score: ScoreKind = ScoreKind.MAX_POOLED
    score_pool: int = 16

    def __post_init__(self) -> None:
        stride = self.backbone.stride
        if min(self.input_height, self.input_width) < stride:
            raise ValueError(f"The input must be at least {stride} pixels on each side.")
        if self.input_height % stride or self.input_width % stride:
            raise ValueError(
                f"The input size {self.input_height} x {self.input_width} must be a multiple of "
                f"the backbone's stride {stride}."
            )
        if self.hidden % (2 * self.heads) or self.heads < 1:
            raise ValueError(
                f"Width {self.hidden} must be even and a multiple of {self.heads} heads."
            )
        if min(self.encoder_layers, self.decoder_layers, self.feed_forward) < 1:
            raise ValueError("Layer counts and the feed-forward width must be positive.")
        if not 0.0 <= self.dropout < 1.0 or not 0.0 <= self.jitter_probability <= 1.0:
            raise ValueError("Probabilities must lie between 0 and 1.")
        if self.jitter_scale < 0.0:
            raise ValueError("The jitter scale cannot be negative.")
        if min(self.neighbour_height, self.neighbour_width) < 1:
            raise ValueError("The neighbour square needs at least one token per side.")
        if not 1 <= self.score_pool <= min(self.input_height, self.input_width):
            raise ValueError("The score's pooling window must fit into the input.")

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tokens."""
        stride = self.backbone.stride
        return self.input_height // stride, self.input_width // stride


@dataclass(frozen=True, slots=True, kw_only=True)
class VisualisationConfig:
    """The decoder that paints what the network expects to see; it takes no part in a decision.

    Attributes:
        width: channels at the tokens' grid; halved at every doubling of the size, down to 16.
    """

    width: int = 256

    def __post_init__(self) -> None:
        if self.width < 16:
            raise ValueError("The visualisation decoder needs a width of at least 16.")
