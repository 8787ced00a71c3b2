"""Shows a window until it is closed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

STOP_ASKED_MS = 200
_WISHED = (1600, 900)


def running_application() -> QApplication:
    """The application. Raises RuntimeError where `create_application` was not called yet."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("create_application has to be called before a window is shown")
    return app


def show_until_closed(
    app: QApplication,
    window: QMainWindow,
    *,
    fullscreen: bool,
    stop: Callable[[], bool] | None = None,
) -> int:
    """Runs the application with one window, which is gone afterwards.

    Args:
        app: the application.
        window: not shown yet.
        fullscreen: whether it fills the screen.
        stop: asked several times a second; True closes the window (Ctrl-C, the end of a service).

    Returns:
        The exit code of Qt.
    """
    # Never larger than the screen: a verdict beyond its edge would be missed.
    room = app.primaryScreen().availableGeometry()
    window.resize(min(_WISHED[0], room.width()), min(_WISHED[1], room.height()))
    watch = QTimer(window)
    watch.setInterval(STOP_ASKED_MS)
    if stop is not None:
        watch.timeout.connect(lambda: window.close() if stop() else None)
        watch.start()
    if fullscreen:
        window.setGeometry(app.primaryScreen().geometry())
        window.showFullScreen()
    else:
        window.show()
    try:
        return app.exec()
    finally:
        watch.stop()
        window.close()
        # Gone before the application is: Qt dislikes widgets that outlive it.
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
