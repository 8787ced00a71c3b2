"""What was measured, for people and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from uniad_desktop.engine.runtimes.names import TORCH
from uniad_desktop.engine.speed.measure import Measured, Report
from uniad_desktop.engine.speed.peak import place_of
from uniad_desktop.engine.speed.stages import Stages
from uniad_desktop.engine.speed.timing import latency_of

_WIDTH = 100


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON values; its keys are in docs/benchmark.md."""
    return {
        "runtimes": {name: _runtime_values(report, one) for name, one in report.measured.items()},
        "machine": {
            **report.machine,
            "peak_gflops": {
                f"{device} {precision}": round(rate / 1e9, 1)
                for (device, precision), rate in report.peaks.items()
            },
            "resident_mb": {
                "before": round(report.resident_mb[0], 1),
                "after": round(report.resident_mb[1], 1),
            },
        },
        "model": _model_values(report),
        "unavailable": dict(report.unavailable),
    }


def _runtime_values(report: Report, one: Measured) -> dict[str, Any]:
    latency = latency_of(one.timed.latencies)
    reference = latency_of(report.measured[TORCH].timed.latencies)
    throughput = one.timed.throughput()
    peak = _peak(report, one)
    single = report.flops / latency.p50 * 1e3
    best = max(single, report.flops * max(throughput.values()))
    return {
        "latency_ms": {name: _rounded(value) for name, value in asdict(latency).items()},
        "samples": len(one.timed.latencies),
        "times_torch": _rounded(reference.p50 / latency.p50),
        "throughput": {str(batch): _rounded(rate) for batch, rate in throughput.items()},
        "stages_ms": {name: _rounded(value) for name, value in asdict(one.stages).items()},
        "parts_ms": {name: _rounded(one.timed.part(name)) for name in one.timed.parts[0]},
        "memory_mb": _rounded(one.runner.memory_mb),
        "memory_growth_mb": _rounded(one.timed.growth_mb),
        "label": one.label,
        "precision": place_of(one.label)[1],
        "gflops": {"batch_1": _rounded(single / 1e9), "best": _rounded(best / 1e9)},
        "share_of_peak": {
            "batch_1": None if peak is None else _rounded(single / peak),
            "best": None if peak is None else _rounded(best / peak),
        },
        "agreement": one.runner.agreement,
        "used": one.runner.used,
        "remarks": list(one.runner.detector.remarks),
    }


def _model_values(report: Report) -> dict[str, Any]:
    identity, plan = report.package.identity, report.plan
    config = report.package.manifest.architecture
    return {
        "name": identity.name,
        "version": identity.version,
        "sha256": identity.sha256,
        "untrained": plan.untrained,
        "backbone": config.backbone.name,
        "stages": list(config.backbone.stages),
        "input": [config.input_height, config.input_width],
        "hidden": config.hidden,
        "layers": [config.encoder_layers, config.decoder_layers],
        "gflop_per_picture": _rounded(report.flops / 1e9),
        "frame": {
            "height": plan.frame[0],
            "width": plan.frame[1],
            "channels": 1 if plan.grey else 3,
        },
    }


def table(report: Report) -> str:
    """Tables and sentences for standard output, without a last newline."""
    parts = [_heading(report), _speed_table(report), _stage_table(report), _notes(report)]
    return "\n\n".join(part for part in parts if part)


def _heading(report: Report) -> str:
    model, plan = _model_values(report), report.plan
    untrained = ", UNTRAINED weights: only its times mean something" if plan.untrained else ""
    rows, columns = model["input"]
    samples = len(report.measured[TORCH].timed.latencies)
    loads = [report.machine[name] for name in ("load_before", "load_after")]
    known = [f"{load:.1f}" for load in loads if load is not None]
    busy = f", load of the machine {' then '.join(known)}" if known else ""
    peaks = ", ".join(
        f"{device} {precision} {rate / 1e9:,.0f}"
        for (device, precision), rate in report.peaks.items()
    )
    return (
        f"{model['name']} {model['version']}{untrained}\n"
        f"{model['backbone']}, input {rows} x {columns}, {model['gflop_per_picture']:.2f} GFLOP "
        f"per picture\n"
        f"frames of {plan.frame[0]} x {plan.frame[1]} {'grey' if plan.grey else 'RGB'}, "
        f"{plan.threads} threads on {report.machine['processor']}\n"
        f"{samples} frames per runtime, in turns{busy}\n"
        f"largest matrix products, GFLOP/s: {peaks}"
    )


def _speed_table(report: Report) -> str:
    reference = latency_of(report.measured[TORCH].timed.latencies)
    sizes = report.plan.sizes
    rows = [
        ["runtime", "p50 ms", "p95", "p99", "mean", "x torch"]
        + [f"{'images/s at ' if size == sizes[0] else ''}{size}" for size in sizes]
        + ["MB", "of peak: 1, best"]
    ]
    for name, one in report.measured.items():
        latency = latency_of(one.timed.latencies)
        throughput = one.timed.throughput()
        peak = _peak(report, one)
        share = report.flops / latency.p50 * 1e3
        most = max(share, report.flops * max(throughput.values()))
        rows.append(
            [name if one.runner.used else f"({name})"]
            + [f"{value:.1f}" for value in (latency.p50, latency.p95, latency.p99, latency.mean)]
            + [f"{reference.p50 / latency.p50:.2f}"]
            + [f"{throughput[size]:.1f}" for size in sizes]
            + [f"{one.runner.memory_mb:.0f}"]
            + ["?" if peak is None else f"{share / peak:.0%}, {most / peak:.0%}"]
        )
    return aligned(rows)


def _stage_table(report: Report) -> str:
    names = [field.name for field in fields(Stages)]
    rows = [["ms at batch 1", *names, "pre + post"]]
    for name, one in report.measured.items():
        values: dict[str, float | None] = asdict(one.stages)
        rows.append([name, *(_cell(values[stage]) for stage in names), _around(one)])
    return aligned(rows)


def _around(one: Measured) -> str:
    """Share of the latency that is spent outside of backbone and network."""
    stages = one.stages
    if stages.backbone is None or stages.network is None:
        return "?"
    inside = stages.backbone + stages.network
    whole = sum(value for value in asdict(stages).values() if value is not None)
    return f"{1.0 - inside / whole:.0%}" if whole > 0.0 else "?"


def _notes(report: Report) -> str:
    lines = []
    for name, one in report.measured.items():
        lines.append(f"{name}: {one.label}{'' if one.runner.used else ', NOT used by a station'}")
        if one.runner.agreement:
            lines.append(_wrapped(one.runner.agreement))
        lines += [_wrapped(remark) for remark in one.runner.detector.remarks]
    lines += [f"{name}: not measured\n{_wrapped(why)}" for name, why in report.unavailable.items()]
    growth = report.resident_mb[1] - report.resident_mb[0]
    lines.append(f"memory from the first timed run to the last: {growth:+.1f} MB")
    return "\n".join(lines)


def _wrapped(sentence: str) -> str:
    return textwrap.fill(sentence, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _peak(report: Report, one: Measured) -> float | None:
    """The peak of the device and precision that a runtime uses; None where it is not measured."""
    return report.peaks.get(place_of(one.label))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text: the first column to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _cell(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"


def _rounded(value: float | None) -> float | None:
    """Four significant digits are more than any of it is worth."""
    return None if value is None else float(f"{value:.4g}")
