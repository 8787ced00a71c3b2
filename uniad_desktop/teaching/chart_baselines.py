"""What the charts of a product are compared with: the parts it was calibrated and taught with."""

from __future__ import annotations

import logging
from pathlib import Path

from uniad_desktop.engine.manifest import Calibration
from uniad_desktop.engine.package import PackageError
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.spc.baseline import (
    Baseline,
    BaselineSource,
    Quantity,
    baseline_of,
    baseline_of_calibration,
)
from uniad_desktop.teaching.collection import PartCollection, State
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.stored_scores import StoredScores, load_scores, network_key
from uniad_desktop.teaching.versions import open_version

log = logging.getLogger(__name__)


def chart_baselines(
    data_folder: Path, model: ModelIdentity, product: str, calibration: Calibration | None
) -> dict[Quantity, Baseline]:
    """What is known of a product under a model; a quantity of which nothing is known is missing.

    Scores: the kept scores of its collected good parts, if this network gave them; else what the
    model package tells of its calibration. Light and focus: the figures of the accepted parts.

    Args:
        data_folder: of the station.
        model: that decides.
        product: key.
        calibration: of the product in the model's package.
    """
    found: dict[Quantity, Baseline] = {}
    score = _of_stored_scores(data_folder, model, product) or baseline_of_calibration(calibration)
    if score is not None:
        found[Quantity.SCORE] = score
    try:
        parts = PartCollection(data_folder, product).parts(State.ACCEPTED)
    except StoreError as error:
        log.warning("Light and focus of the parts taught are not known: %s", error)
        return found
    in_order = sorted(parts, key=lambda part: part.when)
    for quantity in (Quantity.BRIGHTNESS, Quantity.SHARPNESS):
        # Parts from before the station measured sharpness have no such figure.
        values = [
            part.figures[quantity.value] for part in in_order if quantity.value in part.figures
        ]
        baseline = baseline_of(values, quantity, BaselineSource.TEACHING_PARTS)
        if baseline is not None:
            found[quantity] = baseline
    return found


def _of_stored_scores(data_folder: Path, model: ModelIdentity, product: str) -> Baseline | None:
    stored = load_scores(data_folder, product)
    if stored is None or not _same_network(data_folder, model, stored):
        return None
    scores = [part.score for part in stored.good if not part.unusual]
    return baseline_of(scores, Quantity.SCORE, BaselineSource.CALIBRATION_SCORES)


def _same_network(data_folder: Path, model: ModelIdentity, stored: StoredScores) -> bool:
    """Whether the scores hold for the model: it gave them, or differs from that in limits only."""
    if stored.package_sha256 == model.sha256:
        return True
    if stored.model != model.name:
        return False
    try:
        package = open_version(data_folder, model.name, model.version)
    except PackageError as error:
        log.info("Kept scores are not used: %s", error)
        return False
    return (
        package.identity.sha256 == model.sha256
        and stored.product in package.manifest.products
        and network_key(package, stored.product) == stored.network_key
    )
