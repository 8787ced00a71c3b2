"""What each chooser of the filter offers, and what it says is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from uniad_desktop.records.cameras import camera_title
from uniad_desktop.records.facets import Facets
from uniad_desktop.records.query import Order, Shift
from uniad_desktop.ui import text
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.filter_state import Period, Wish
from uniad_desktop.ui.review.words import local_time
from uniad_desktop.ui.widgets.row_button import Row

# Every letter does something already, here or on every page of the window.
CAMERA_KEY = "F6"
_ALL = "+all"
_MOST_SHIFTS = 30


class FilterChoices(QObject):
    """Opens a sheet for each kind of choice; what is chosen becomes another wish.

    Args:
        context: whom to ask.
        put: takes another wish.
        parent: the filter.

    Attributes:
        wish: what is wished for now.
        facets: how many there are of each choice; None: not known yet.
        shifts: those that can be chosen, newest first.
    """

    def __init__(
        self, context: ReviewContext, put: Callable[[Wish], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._put = context, put
        self.wish = context.wish
        self.facets: Facets | None = None
        self.shifts: tuple[Shift, ...] = ()

    def actions(self) -> dict[str, Callable[[], object]]:
        """What the key of each chooser does."""
        return {
            "B": self.choose_product,
            CAMERA_KEY: self.choose_camera,
            "I": self.choose_time,
            "S": self.choose_order,
            "O": self.choose_model,
            "Y": self.choose_kind,
            "F": self.ask_text,
        }

    @property
    def offers_cameras(self) -> bool:
        """Whether there are several cameras to choose from, or one is wished for."""
        return bool(self.wish.cameras or (self.facets is not None and self.facets.cameras))

    @property
    def camera_titles(self) -> str:
        """Names and serial numbers of the cameras that are wished for, empty for all."""
        found = self.facets.cameras if self.facets is not None else {}
        return ", ".join(
            camera_title(found[one].name if one in found else "", one) for one in self.wish.cameras
        )

    # the sheets

    def choose_product(self) -> None:
        """Offers the products that there are."""
        found = self.facets.products if self.facets is not None else {}
        titled = sorted((self._context.title_of(key), key) for key in found)
        rows = [Row(_ALL, self.tr("All products"), text.number(sum(found.values())), "")]
        rows += [Row(key, title, text.number(found[key]), key) for title, key in titled]
        self._context.ask(
            self.tr("Product"),
            "",
            [],
            current=self.wish.product or _ALL,
            on_choice=lambda key: self._put(replace(self.wish, product="" if key == _ALL else key)),
            rows=rows,
        )

    def choose_camera(self) -> None:
        """Offers the cameras that are on record, where there are several."""
        if not self.offers_cameras:
            return
        found = self.facets.cameras if self.facets is not None else {}
        rows = [Row(_ALL, self.tr("All cameras"), "", "")]
        rows += [
            Row(serial, one.name or serial, text.number(one.count), serial)
            for serial, one in found.items()
        ]
        # One that was named elsewhere may not be on record.
        rows += [Row(one, one, text.NONE, "") for one in self.wish.cameras if one not in found]
        wished = self.wish.cameras
        current = _ALL if not wished else wished[0] if len(wished) == 1 else None
        self._context.ask(
            self.tr("Camera"),
            "",
            [],
            current=current,
            on_choice=lambda key: self._put(
                replace(self.wish, cameras=() if key == _ALL else (key,))
            ),
            rows=rows,
        )

    def choose_time(self) -> None:
        """Offers days and shifts."""
        words = self._periods()
        rows = [Row(one.value, words[one], "", "") for one in words if one is not Period.SHIFT]
        shifts = {f"+{one.id}": one for one in self.shifts[:_MOST_SHIFTS]}
        rows += [
            Row(key, self._shift_words(one), one.station, one.who) for key, one in shifts.items()
        ]
        current = self.wish.period.value
        if self.wish.shift is not None:
            current = f"+{self.wish.shift.id}"

        def choose(key: str) -> None:
            if key in shifts:
                chosen = replace(self.wish, period=Period.SHIFT, shift=shifts[key])
            else:
                chosen = replace(self.wish, period=Period(key), shift=None)
            self._put(replace(chosen, since=None, until=None))

        self._context.ask(self.tr("Time"), "", [], current=current, on_choice=choose, rows=rows)

    def choose_order(self) -> None:
        """Offers the orders."""
        words = self._orders()
        self._context.ask(
            self.tr("Order"),
            "",
            [(one.value, word) for one, word in words.items()],
            current=self.wish.order.value,
            on_choice=lambda key: self._put(replace(self.wish, order=Order(key))),
        )

    def choose_model(self) -> None:
        """Offers the models that decided."""
        found = self.facets.models if self.facets is not None else {}
        models = {f"{one.name} {one.version} {one.sha256}": one for one in found}
        rows = [Row(_ALL, self.tr("All models"), text.number(sum(found.values())), "")]
        rows += [
            Row(key, f"{one.name} {one.version}", text.number(found[one]), one.sha256)
            for key, one in models.items()
        ]
        now = self.wish.model
        self._context.ask(
            self.tr("Model"),
            "",
            [],
            current=_ALL if now is None else f"{now.name} {now.version} {now.sha256}",
            on_choice=lambda key: self._put(replace(self.wish, model=models.get(key))),
            rows=rows,
        )

    def choose_kind(self) -> None:
        """Offers simulated ones, others, or all."""
        choices = {"all": None, "real": False, "simulated": True}
        words = self._kinds()
        now = next(key for key, one in choices.items() if one is self.wish.simulated)
        self._context.ask(
            self.tr("Simulated or not"),
            "",
            [(key, words[one]) for key, one in choices.items()],
            current=now,
            on_choice=lambda key: self._put(replace(self.wish, simulated=choices[key])),
        )

    def ask_text(self) -> None:
        """Asks for words to look for; where there are some, takes them away."""
        if self.wish.text:
            self._put(replace(self.wish, text=""))
            return
        self._context.ask(
            self.tr("Find"),
            self.tr(
                "Part of a file name, a note, a sentence, an operator's name, or a camera's name "
                "or serial number; or the number of a frame."
            ),
            [("find", self.tr("Find"))],
            current=None,
            on_choice=lambda words: self._put(replace(self.wish, text=words)),
            entry="",
        )

    # words

    def captions(self) -> dict[str, tuple[str, str]]:
        """By key: what a chooser is called, and what is chosen."""
        wish = self.wish
        period = self._periods().get(wish.period, "")
        if wish.period is Period.SHIFT and wish.shift is not None:
            period = local_time(wish.shift.start)[:16]
        if wish.since is not None:
            period = self.tr("since {time}").format(time=local_time(wish.since)[:16])
        elif wish.until is not None:
            period = self.tr("until {time}").format(time=local_time(wish.until)[:16])
        model = self.tr("All models")
        if wish.model is not None:
            model = f"{wish.model.name} {wish.model.version}"
        product = self._context.title_of(wish.product) if wish.product else ""
        return {
            "B": (self.tr("Product (B)"), product or self.tr("All products")),
            CAMERA_KEY: (self.tr("Camera (F6)"), self._camera_word()),
            "I": (self.tr("Time (I)"), period),
            "S": (self.tr("Order (S)"), self._orders()[wish.order]),
            "O": (self.tr("Model (O)"), model),
            "Y": (self.tr("Simulated (Y)"), self._kinds()[wish.simulated]),
            "F": (
                self.tr("Find (F) takes it away") if wish.text else self.tr("Find (F)"),
                wish.text or text.NONE,
            ),
        }

    def _periods(self) -> dict[Period, str]:
        return {
            Period.ALL: self.tr("All"),
            Period.THIS_SHIFT: self.tr("This shift"),
            Period.TODAY: self.tr("Today"),
            Period.YESTERDAY: self.tr("Yesterday"),
            Period.WEEK: self.tr("Last 7 days"),
        }

    def _shift_words(self, shift: Shift) -> str:
        begin = local_time(shift.start)[:16]
        end = self.tr("now") if shift.end is None else local_time(shift.end)[11:16]
        return self.tr("Shift {begin} – {end}").format(begin=begin, end=end)

    def _orders(self) -> dict[Order, str]:
        return {
            Order.NEWEST: self.tr("Newest first"),
            Order.OLDEST: self.tr("Oldest first"),
            Order.HIGHEST: self.tr("Highest score first"),
            Order.LOWEST: self.tr("Lowest score first"),
        }

    def _kinds(self) -> dict[bool | None, str]:
        return {
            None: self.tr("All"),
            False: self.tr("Not simulated"),
            True: self.tr("Simulated only"),
        }

    def _camera_word(self) -> str:
        """What is chosen in few words: a name where it tells one camera from the others."""
        wished = self.wish.cameras
        if len(wished) > 1:
            return self.tr("{n} cameras").format(n=text.number(len(wished)))
        if not wished:
            return self.tr("All cameras")
        found = self.facets.cameras if self.facets is not None else {}
        names = [one.name for one in found.values()]
        name = found[wished[0]].name if wished[0] in found else ""
        return name if names.count(name) == 1 and name else wished[0]
