"""Words for kinds and visibility of features, and for the state of cameras."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from uniad_desktop.cameras.feature_tree import FeatureKind, Visibility

_KINDS = {
    FeatureKind.INTEGER: QT_TRANSLATE_NOOP("SetupWords", "integer"),
    FeatureKind.FLOAT: QT_TRANSLATE_NOOP("SetupWords", "float"),
    FeatureKind.BOOLEAN: QT_TRANSLATE_NOOP("SetupWords", "off or on"),
    FeatureKind.ENUMERATION: QT_TRANSLATE_NOOP("SetupWords", "enumeration"),
    FeatureKind.STRING: QT_TRANSLATE_NOOP("SetupWords", "text"),
    FeatureKind.COMMAND: QT_TRANSLATE_NOOP("SetupWords", "command"),
    FeatureKind.REGISTER: QT_TRANSLATE_NOOP("SetupWords", "register"),
}
_LEVELS = {
    Visibility.BEGINNER: QT_TRANSLATE_NOOP("SetupWords", "Beginner"),
    Visibility.EXPERT: QT_TRANSLATE_NOOP("SetupWords", "Expert"),
    Visibility.GURU: QT_TRANSLATE_NOOP("SetupWords", "Guru"),
}


def kind_word(kind: FeatureKind) -> str:
    """What kind of node a feature is."""
    return QCoreApplication.translate("SetupWords", str(_KINDS[kind]))


def visibility_word(level: Visibility) -> str:
    """For whom features are listed."""
    return QCoreApplication.translate("SetupWords", str(_LEVELS[level]))
