"""Which product an image of a folder shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from uniad_desktop.engine.manifest import ProductEntry
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.training.evaluation.run import known_product


class ProductChoice:
    """Finds the product: what was asked for, else what the folders are named after, else this.

    Args:
        products: what the model knows.
        asked: key or title of the product of all images; empty: by folder.
        usual: key of the product where no folder tells; one that the model does not know is no
            matter, the first that it knows is taken then.
        root: name of the folder itself.

    Raises:
        ReviewError: the model knows no product, or not the one that was asked for.
    """

    def __init__(
        self, products: Mapping[str, ProductEntry], asked: str, usual: str, root: str
    ) -> None:
        if not products:
            raise ReviewError(
                "The model has no product with limits yet; choose another one with --model."
            )
        self._products = products
        self._found: dict[str, str | None] = {}
        self._asked = self._key(asked) if asked else None
        if asked and self._asked is None:
            raise ReviewError(
                f"The model does not know the product “{asked}”. It knows: {', '.join(products)}."
            )
        self._usual = self._key(root) or (usual if usual in products else next(iter(products)))

    def of(self, name: str) -> str:
        """The key for a path from the folder on; the innermost folder counts."""
        if self._asked is not None:
            return self._asked
        for part in reversed(PurePosixPath(name).parts[:-1]):
            key = self._key(part)
            if key is not None:
                return key
        return self._usual

    def _key(self, name: str) -> str | None:
        if name not in self._found:
            known = name in self._products
            self._found[name] = name if known else known_product(name, self._products)
        return self._found[name]
