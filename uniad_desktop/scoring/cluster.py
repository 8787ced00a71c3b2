"""The same judging on many machines, through Ray: one model per actor, results in order.

The model travels to the actors; images do not: every machine has to see them under the same path.
"""

from __future__ import annotations

import os
import re
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.scoring.decode import decode_file
from uniad_desktop.scoring.job import Job, ScoredImage, ScoringError
from uniad_desktop.scoring.run import Lines
from uniad_desktop.scoring.scorer import Scorer

LOCAL: Final = "local"
CHUNK: Final = 16  # images per call
_WAITING: Final = 2  # calls that wait for each actor
_POLL_S: Final = 0.2
_RETRIES: Final = 2
_START_LIMIT_S: Final = 300.0
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How the work is spread.

    Attributes:
        address: of a cluster (``auto``, ``HOST:PORT``, ``ray://HOST:PORT``), or ``local`` for one
            on this machine that ends with us.
        actors: models in memory at the same time; None: as many as there are processors, or GPUs
            where `device` is ``cuda``, divided by `threads`.
        runtime: a name of `RUNTIMES`, or ``auto``.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: of the processor for each.
        batch: images that the model gets at once.
    """

    address: str = LOCAL
    actors: int | None = None
    runtime: str = "auto"
    device: str = "auto"
    threads: int = 1
    batch: int = 1


class ChunkScorer:
    """One model and the files that it is shown; an actor of Ray, or used as it is.

    Args:
        files: names and contents of a model package.
        name, version: of the package.
        settings: runtime, device, threads and batch.
    """

    def __init__(
        self, files: dict[str, bytes], name: str, version: str, settings: ClusterSettings
    ) -> None:
        from uniad_desktop.engine.detector import Detector

        self._folder = tempfile.TemporaryDirectory(prefix="uniad-score-")
        package = Path(self._folder.name) / name / version
        package.mkdir(parents=True)
        for file, data in files.items():
            (package / file).write_bytes(data)
        self._detector = Detector.open(
            package, runtime=settings.runtime, device=settings.device, threads=settings.threads
        )
        self._scorer = Scorer(self._detector)
        self._batch = settings.batch
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="read-images")

    def runtime(self) -> str:
        """What computes; answered when the model is ready."""
        return self._detector.runtime

    def score_chunk(self, jobs: Sequence[Job]) -> list[ScoredImage]:
        """Lines of the results, in order; the next image is read while one is judged."""
        ahead = jobs[: 2 * self._batch]
        reading = deque(self._reader.submit(decode_file, job.path) for job in ahead)
        lines: list[ScoredImage] = []
        for start in range(0, len(jobs), self._batch):
            piece = jobs[start : start + self._batch]
            decoded = [reading.popleft().result() for _ in piece]
            following = start + self._batch + len(reading)
            for job in jobs[following : following + len(piece)]:
                reading.append(self._reader.submit(decode_file, job.path))
            scored = self._scorer.score(list(zip(piece, decoded, strict=True)))
            lines += [line for line, _ in scored]
        return lines

    def close(self) -> None:
        """Gives back model, thread and files."""
        self._reader.shutdown(cancel_futures=True)
        self._detector.close()
        self._folder.cleanup()


def score_on_cluster(
    jobs: Sequence[Job],
    package: ModelPackage,
    settings: ClusterSettings,
    *,
    check: Callable[[], None] = lambda: None,
    ready: Callable[[int, str], None] = lambda actors, runtime: None,
) -> Iterator[Lines]:
    """Judges images on the machines of a Ray cluster; batches of lines in the order of the jobs.

    An actor whose machine is lost is started elsewhere and its images are judged again.

    Args:
        jobs: products must be known to the model.
        package: the model, sent to every actor.
        settings: where and how.
        check: called often; may wait to pause, or raise to end.
        ready: told once how many actors there are and what the first one computes with.

    Raises:
        ScoringError: Ray is not installed, or the cluster cannot be reached or fails.
    """
    ray = _import_ray()
    local = settings.address == LOCAL
    ending = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address="local" if local else settings.address,
            include_dashboard=False if local else None,
            configure_logging=False,
            log_to_driver=False,
            namespace="uniad-desktop",
        )
    except (ConnectionError, RuntimeError, ValueError, OSError, TimeoutError) as error:
        raise ScoringError(
            f"The Ray cluster {settings.address} cannot be used: {_cause(error)}. Check the "
            "address, or start one with: ray start --head."
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, ending)  # which Ray takes over, and then ends at once
    try:
        yield from _through(ray, jobs, package, settings, (check, ready))
    except ray.exceptions.RayError as error:
        raise ScoringError(
            f"The Ray cluster failed: {_cause(error)}. What was judged so far is kept; go on "
            "with --resume."
        ) from error
    finally:
        ray.shutdown()


def _through(
    ray: Any,  # noqa: ANN401 - the module, which has no types
    jobs: Sequence[Job],
    package: ModelPackage,
    settings: ClusterSettings,
    told: tuple[Callable[[], None], Callable[[int, str], None]],
) -> Iterator[Lines]:
    check, ready = told
    chunks = [jobs[start : start + CHUNK] for start in range(0, len(jobs), CHUNK)]
    number = min(len(chunks), settings.actors or _usual_actors(ray, settings))
    files = ray.put({file.name: file.read_bytes() for file in package.folder.iterdir()})
    kind = ray.remote(
        num_cpus=settings.threads,
        num_gpus=1 if settings.device == "cuda" else 0,
        max_restarts=_RETRIES,
        max_task_retries=_RETRIES,
    )(ChunkScorer)
    identity = package.identity
    actors = [kind.remote(files, identity.name, identity.version, settings) for _ in range(number)]
    started = [actor.runtime.remote() for actor in actors]
    for answer in started:  # one without room would wait for ever, and its images with it
        _wait(ray, answer, check, _START_LIMIT_S)
    ready(number, ray.get(started[0]))
    asked: deque[tuple[Sequence[Job], Any]] = deque()
    waiting = iter(enumerate(chunks))
    exhausted = False
    while True:
        while not exhausted and len(asked) < _WAITING * number:
            following = next(waiting, None)
            if following is None:
                exhausted = True
                break
            place, chunk = following
            asked.append((chunk, actors[place % number].score_chunk.remote(chunk)))
        if not asked:
            return
        chunk, answer = asked.popleft()
        _wait(ray, answer, check)
        yield list(zip(chunk, ray.get(answer), strict=True))


def _wait(
    ray: Any,  # noqa: ANN401
    answer: Any,  # noqa: ANN401
    check: Callable[[], None],
    limit_s: float | None = None,
) -> None:
    """Waits for an answer, asking often whether to end."""
    check()
    waited = 0.0
    while not ray.wait([answer], timeout=_POLL_S)[0]:
        check()
        waited += _POLL_S
        if limit_s is not None and waited > limit_s:
            raise ScoringError(
                "The Ray cluster has no room for the model: not every actor started within "
                f"{limit_s:.0f} s. Ask for fewer --actors or --threads, or wait until it is free."
            )


def _usual_actors(ray: Any, settings: ClusterSettings) -> int:  # noqa: ANN401
    resources = ray.cluster_resources()
    if settings.device == "cuda":
        return max(1, int(resources.get("GPU", 0)))
    return max(1, int(resources.get("CPU", 1)) // settings.threads)


def _import_ray() -> Any:  # noqa: ANN401
    # Nothing about this station is told to anybody.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError as error:
        raise ScoringError(
            "Ray is not installed; install it with: pip install 'uniad-desktop[ray]'."
        ) from error
    return ray


def _cause(error: BaseException) -> str:
    """What went wrong, in a line: what comes from an actor ends with it, below its traceback."""
    lines = _COLOURS.sub("", str(error)).strip().splitlines() or [type(error).__name__]
    below = any(line.lstrip().startswith('File "') for line in lines)
    return lines[-1 if below else 0].strip().rstrip(".")
