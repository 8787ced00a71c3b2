"""Languages of the window: English in the source, others as compiled Qt translations."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from uniad_desktop.ui.resource import resource

TRANSLATED = ("zh_CN",)
_installed: list[QTranslator] = []


def resolve(language: str) -> str:
    """The language code to use: itself, or for ``system`` what the system prefers.

    Every Chinese locale gets Simplified Chinese; everything else unknown gets English.
    """
    if language != "system":
        return language
    for name in QLocale.system().uiLanguages():
        if name.lower().startswith("zh"):
            return "zh_CN"
        if name.lower().startswith("en"):
            return "en"
    return "en"


def current() -> str:
    """Code of the language in force."""
    return _installed[0].language() if _installed else "en"


def apply(app: QApplication, language: str) -> str:
    """Puts a language in force; every widget gets a LanguageChange event. Returns its code.

    Raises:
        FileNotFoundError: the compiled translation is missing.
        RuntimeError: it is there but cannot be read.
    """
    code = resolve(language)
    if code == current():
        return code
    fresh = []
    if code in TRANSLATED:
        own = QTranslator(app)
        path = resource("translations", f"uniad_desktop_{code}.qm")
        if not own.load(str(path)):
            raise RuntimeError(f"{path} cannot be read; install UniAD Desktop again.")
        fresh = [own]
        # Qt's own words, of the dialog for folders for example; some packagings leave them out.
        others = QTranslator(app)
        if others.load(
            f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        ):
            fresh.append(others)
    former = _installed[:]
    # The list first: widgets ask for the language while they handle the change.
    _installed[:] = fresh
    for translator in former:
        app.removeTranslator(translator)
        translator.deleteLater()
    for translator in reversed(fresh):  # the one installed last is asked first
        app.installTranslator(translator)
    return code
