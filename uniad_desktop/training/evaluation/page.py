"""An evaluation as one page to look through: the table and, class by class, the pictures."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from uniad_desktop.training.evaluation.figures import COLUMNS, Evaluation
from uniad_desktop.training.evaluation.pictures import Shown
from uniad_desktop.training.evaluation.report import percent

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1560px; padding: 0 1rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #8886 }
th:first-child, td:first-child { text-align: left }
tr.mean { font-weight: bold }
figure { margin: 0 0 1rem }
img { max-width: 100% }
figcaption { color: #888 }
"""

_HEAD: Final = (
    "<tr><th rowspan=2>class</th><th colspan=2>images</th><th colspan=3>image</th>"
    "<th colspan=4>pixel</th><th colspan=2>at the limit</th></tr>"
    "<tr><th>good</th><th>bad</th><th>AUROC</th><th>AP</th><th>F1-max</th><th>AUROC</th>"
    "<th>AP</th><th>F1-max</th><th>AU-PRO</th><th>good rejected</th><th>defects caught</th></tr>"
)


def page(evaluation: Evaluation, shown: Sequence[Shown]) -> str:
    """HTML that needs nothing but the pictures beside it."""
    model = evaluation.model
    title = _text(f"{model.name} {model.version}")
    where = "the network's input" if evaluation.at_input_size else "the resolution of the images"
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>Evaluation of {title}</h1>",
        f"<p>{_text(', '.join(evaluation.sources))} ({_text(evaluation.layout)}). Pixels are "
        f"counted at {where}. All figures in per cent. Run by {_text(evaluation.runtime)}; "
        f"SHA-256 of the model {model.sha256}.</p>",
        f"<table>{_HEAD}",
        *(_row(one.product, one.good, one.bad, one.values(), "") for one in evaluation.classes),
        _row(
            "mean",
            sum(one.good for one in evaluation.classes),
            sum(one.bad for one in evaluation.classes),
            evaluation.mean(),
            " class=mean",
        ),
        "</table>",
        *(f"<p>{_text(note)}</p>" for note in (*evaluation.notes(), *evaluation.data_notes)),
    ]
    for product in dict.fromkeys(one.product for one in shown):
        parts.append(f"<h2>{_text(product)}</h2>")
        parts += [_figure(one) for one in shown if one.product == product]
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _row(name: str, good: int, bad: int, values: dict[str, float | None], marked: str) -> str:
    cells = "".join(f"<td>{percent(values[column])}</td>" for column in COLUMNS)
    return f"<tr{marked}><td>{_text(name)}</td><td>{good}</td><td>{bad}</td>{cells}</tr>"


def _figure(one: Shown) -> str:
    sample = one.case.result.sample
    what = one.case.name[2:].rsplit("-", 1)[0].replace("-", " ")
    verdict = f", {one.case.verdict}" if one.case.verdict else ""
    kind = f" ({sample.kind})" if sample.kind else ""
    told = _text(f"{what}{kind}{verdict}: {sample.path}")
    return (
        f'<figure><img src="{quote(one.file)}" alt="{told}" loading="lazy">'
        f"<figcaption>{told}</figcaption></figure>"
    )


def _text(text: str) -> str:
    return html.escape(text)
