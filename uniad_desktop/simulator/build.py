"""Compiles the GenTL producer of the simulated camera with whatever C compiler there is.

Used when a wheel is built and, where the package has no producer, on first use. Only the standard
library is needed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from uniad_desktop.simulator.native.generate import header

SOURCES = Path(__file__).parent / "native"
PRODUCER_NAME = "uniad_simcam.cti"
COMPILE_TIMEOUT_S = 300.0

_LARGEST_PRODUCER = 8 * 2**20  # other vendors' files may be much larger
_MARK = re.compile(rb"uniad-simcam-sources:([0-9a-z]+)")
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden")


class SimulatorError(Exception):
    """The simulated camera cannot be had; the message is a sentence for the user."""


def find_compilers() -> list[list[str]]:
    """Command lines of the C compilers of this machine, best first.

    The environment variable CC wins; then cc, gcc and clang; then ziglang, a compiler that comes
    as a Python package.
    """
    found = []
    if chosen := os.environ.get("CC"):
        found.append(shlex.split(chosen))
    found += [[name] for name in ("cc", "gcc", "clang")]
    found = [command for command in found if command and shutil.which(command[0])]
    if importlib.util.find_spec("ziglang"):
        found.append([sys.executable, "-m", "ziglang", "cc"])
    return found


def has_working_compiler() -> bool:
    """Whether a compiler is here with the headers that it needs (gcc may come without them)."""
    with tempfile.TemporaryDirectory(prefix="uniad-simcam-build-") as folder:
        probe = Path(folder) / "probe.c"
        system = "windows.h" if os.name == "nt" else "pthread.h"
        probe.write_text(f"#include <{system}>\n#include <stdio.h>\nint probe;\n", "utf-8")
        command = ["-c", str(probe), "-o", str(probe.with_suffix(".o"))]
        return any(_run([*compiler, *command]) is None for compiler in find_compilers())


def source_hash() -> str:
    """What a producer is made from, in 16 hexadecimal digits: C sources and generated header."""
    digest = hashlib.sha256(header().encode())
    for path in sorted(SOURCES.glob("*.[ch]")):
        # Line ends may have been changed by git.
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def built_from(path: Path) -> str | None:
    """The source hash inside a compiled simulated producer; None for any other file."""
    try:
        if path.stat().st_size > _LARGEST_PRODUCER:
            return None
        match = _MARK.search(path.read_bytes())
    except OSError:
        return None
    return match.group(1).decode() if match else None


def compile_producer(
    target: Path, *, compilers: Sequence[Sequence[str]] | None = None, flags: Sequence[str] = ()
) -> str:
    """Compiles the producer to `target`, which appears complete or not at all.

    Args:
        target: path of the .cti file.
        compilers: command lines to try in turn; those of this machine if None.
        flags: further flags for the compiler.

    Returns:
        The command line of the compiler that did it.

    Raises:
        SimulatorError: there is no compiler, or none could compile it.
    """
    candidates = find_compilers() if compilers is None else compilers
    if not candidates:
        raise SimulatorError(
            "The simulated camera is not built yet and there is no C compiler; install one "
            "(for example gcc) or run: pip install ziglang"
        )
    trouble = ""
    with tempfile.TemporaryDirectory(prefix="uniad-simcam-build-") as folder:
        (Path(folder) / "generated.h").write_text(header(), encoding="utf-8")
        output = Path(folder) / PRODUCER_NAME
        for compiler in candidates:
            command = [*compiler, *_FLAGS, *_shared_flags(), *flags]
            command += [f'-DSOURCE_HASH="{source_hash()}"', f"-I{folder}", f"-I{SOURCES}"]
            command += ["-o", str(output), *map(str, sorted(SOURCES.glob("*.c"))), *_libraries()]
            if (problem := _run(command)) is None:
                _put(output, target)
                return shlex.join(compiler)
            trouble = f"{shlex.join(compiler)}: {problem}"
    raise SimulatorError(f"The simulated camera could not be compiled. {trouble}")


def _shared_flags() -> tuple[str, ...]:
    return ("-shared",) if os.name == "nt" else ("-shared", "-fPIC")


def _libraries() -> tuple[str, ...]:
    return () if os.name == "nt" else ("-lm", "-lpthread", "-ldl")


def _run(command: list[str]) -> str | None:
    """None if the command worked, else the last lines of what it said."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=COMPILE_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else done.stderr[-2000:]


def _put(output: Path, target: Path) -> None:
    """Moves a finished file to its place, which may be on another disk."""
    partial = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(output, partial)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise SimulatorError(
            f"The simulated camera cannot be stored at {target}: {error}"
        ) from error
