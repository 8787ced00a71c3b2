"""What a barcode reader gives for products: which product a text means, and whether it is free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Coded(Protocol):
    """A product, as far as codes go."""

    @property
    def key(self) -> str:
        """Its key, which counts as a code."""
        ...

    @property
    def codes(self) -> tuple[str, ...]:
        """Its codes."""
        ...


C = TypeVar("C", bound=Coded)


def codes_of(product: Coded) -> tuple[str, ...]:
    """All texts that mean a product: its key and its codes."""
    return (product.key, *product.codes)


def product_of(products: Sequence[C], text: str) -> C | None:
    """The product that a text means; None where there is none, or more than one.

    Blanks around the text do not count. Where no code is exactly the same, capitals and small
    letters count as equal; a text that then means two products means none of them, as inspecting
    the wrong product would be worse than asking.
    """
    wanted = text.strip()
    if not wanted:
        return None
    exact = [one for one in products if wanted in codes_of(one)]
    if exact:
        return exact[0] if len(exact) == 1 else None
    folded = wanted.casefold()
    alike = [one for one in products if folded in map(str.casefold, codes_of(one))]
    return alike[0] if len(alike) == 1 else None


def taken_code(product: C, others: Iterable[C]) -> tuple[str, C] | None:
    """A code of a product that means another one already, and that one; None where all are free."""
    mine = set(codes_of(product))
    for other in others:
        if other.key != product.key:
            for code in codes_of(other):
                if code in mine:
                    return code, other
    return None
