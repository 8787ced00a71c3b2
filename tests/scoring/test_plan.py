from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.scoring.helpers import entry, jobs_of, line, write_image
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.decode import decode_file
from uniad_desktop.scoring.image_list import Found, find_images
from uniad_desktop.scoring.job import Job, ScoringError
from uniad_desktop.scoring.plan import Roots, left_to_do, make_jobs
from uniad_desktop.scoring.run import while_there

PRODUCTS = {"flange": entry(), "label": entry(title="Printed label")}


def test_the_product_is_said_or_the_folder_s(tmp_path):
    for name in ("flange/x/1.png", "Printed label/2.png"):
        write_image(tmp_path / name)
    images = find_images([tmp_path]).images
    jobs = make_jobs(images, PRODUCTS, from_folder=True)
    assert sorted((job.path.name, job.product) for job in jobs) == [
        ("1.png", "flange"),
        ("2.png", "label"),
    ]
    assert {job.product for job in make_jobs(images, PRODUCTS, product="label")} == {"label"}
    only = {"flange": PRODUCTS["flange"]}
    assert {job.product for job in make_jobs(images, only)} == {"flange"}
    with pytest.raises(ScoringError, match="--product"):
        make_jobs(images, PRODUCTS)
    # What a list says of an image comes first; a file that is meant twice is judged once.
    listed = Found(images[0].path, tmp_path, "label", "good")
    jobs = make_jobs([listed, *images], PRODUCTS, product="flange")
    assert [(job.number, job.product, job.label) for job in jobs] == [
        (0, "label", "good"),
        (1, "flange", ""),
    ]


def test_products_that_the_model_does_not_know(tmp_path):
    write_image(tmp_path / "bolt" / "1.png")
    images = find_images([tmp_path]).images
    with pytest.raises(ScoringError, match=r"bolt.*1\.png.*flange, label"):
        make_jobs(images, PRODUCTS, from_folder=True)
    with pytest.raises(ScoringError, match=r"nut .*flange, label"):
        make_jobs(images, PRODUCTS, product="nut")


def test_what_a_former_run_has_done(tmp_path):
    names = ("same", "touched", "changed", "error", "other-model", "other-product", "gone", "new")
    paths = [write_image(tmp_path / f"{name}.png") for name in names]
    former = []
    for path in paths[:-1]:
        about = decode_file(path)
        former.append(
            line(str(path), Verdict.PASS, sha256=about.sha256, modified_ns=about.modified_ns)
        )
    os.utime(paths[1], ns=(1, 1))
    write_image(paths[2], 99)
    os.utime(paths[2], ns=(1, 1))
    former[3] = replace(former[3], verdict=Verdict.ERROR)
    former[4] = replace(former[4], model_sha256="ef" * 32)
    former[5] = replace(former[5], product="label")
    paths[6].unlink()
    jobs = [replace(job, label="good") for job in jobs_of(*paths)]
    kept, left = left_to_do(jobs, former, "ab" * 32)
    assert [one.path for one in kept] == [str(path) for path in paths[:2]]
    assert {one.label for one in kept} == {"good"}
    assert [job.path for job in left] == paths[2:]


def test_a_vanished_drive_ends_it_and_costs_no_line(tmp_path):
    folder = tmp_path / "drive"
    paths = [write_image(folder / f"{number}.png") for number in range(4)]
    jobs = [Job(number, path, folder, "flange") for number, path in enumerate(paths)]
    roots = Roots(jobs)
    fine = [(job, line(str(job.path))) for job in jobs]
    bad = [(job, line(str(job.path), Verdict.ERROR, sha256="")) for job in jobs]
    # One file that is gone is an ERROR while the folder is there.
    assert list(while_there([[fine[0], bad[1]]], roots)) == [[fine[0][1], bad[1][1]]]
    folder.rename(tmp_path / "elsewhere")
    for again in (False, True):
        if again:
            folder.mkdir()  # a mount point without its drive
        seen = []
        with pytest.raises(ScoringError, match=r"is gone.*--resume"):
            for lines in while_there([[fine[0]], [fine[1], bad[2], bad[3]]], roots):
                seen += lines
        assert seen == [fine[0][1], fine[1][1]]
