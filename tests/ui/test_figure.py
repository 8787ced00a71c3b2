"""A figure says itself whether its text is cut."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics

from uniad_desktop.ui.widgets.figure import Figure


@pytest.mark.parametrize("shrink", [False, True])
def test_what_qt_would_cut_counts_as_cut(app, shrink):
    """Also where it is a fraction of a pixel that is missing."""
    figure = Figure("caption", shrink=shrink)
    cut = []
    for text in ("focus · best 0.0037", "对焦值 · 最佳 0.0037", "12.34 % 全黑"):
        figure.show_text(text)
        for width in range(40, 220):
            figure.resize(width, 20)
            shown = QFontMetrics(figure._fitted()).elidedText(text, figure._elide, width)
            assert figure.is_cut() == (shown != text), (text, width)
            cut.append(figure.is_cut())
    assert any(cut) and not all(cut)
    figure.deleteLater()
