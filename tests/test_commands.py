from __future__ import annotations

import re

import pytest

from uniad_desktop.cli import main
from uniad_desktop.commands import outcome
from uniad_desktop.commands.dispatch import COMMANDS
from uniad_desktop.engine.package import PackageError
from uniad_desktop.training.network import TrainingStopped


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f"uniad-desktop {name}" in shown
    assert "--verbose" in shown


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for name, does in COMMANDS.items():
        assert re.search(rf"uniad-desktop {name} +{does}", shown)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (PackageError("The model is gone."), outcome.EXIT_MODEL),
        (TrainingStopped("Stopped."), outcome.EXIT_INTERRUPTED),
        (OSError(28, "No space left on device", "/full"), outcome.EXIT_FAILED),
    ],
)
def test_known_errors_become_a_sentence_and_a_code(raised: Exception, code: int) -> None:
    with pytest.raises(outcome.CommandError) as ended, outcome.known_errors():
        raise raised
    assert ended.value.code == code
    assert str(ended.value)


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), outcome.known_errors():
        1 / 0  # noqa: B018
