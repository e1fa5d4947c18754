"""`kinelang evaluate sweeps`: a row of a table from the command line, and what a person gets wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TINY = ["network.latent=16", "layers=1", "heads=2", "feed_forward=32", "text_encoder=words", "batch_size=4", "max_frames=40"]
SETS = [argument for change in TINY for argument in ("--set", change)]
SMALL = ["--corpus", "synthetic:40", "--steps", 4, "--clips", 2, "--accelerator", "cpu", *SETS]


def test_rows_of_a_table(run, tmp_path: Path):
    arguments = ("evaluate", "sweeps", "--table", "A.4", "--out", "sweep", "--cache", "cache", *SMALL, "--seeds", "1,2")
    done = run(*arguments, "--row", "contrastive only, no filter")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Table A.4: contrastive only and TMR, each with and without the filter\n")
    assert "Trained on synthetic:40: 4 steps, seeds 1, 2. Judged on synthetic:40, split val: 2 clips" in done.stdout
    assert "| contrastive only, no filter | " in done.stdout
    assert " ± " in done.stdout
    assert done.stdout.rstrip() == (tmp_path / "sweep" / "table_A.4.md").read_text().rstrip()
    assert len(list((tmp_path / "sweep" / "runs").iterdir())) == 2
    again = run(*arguments, "--row", "contrastive only, no filter", "--json")
    assert list(json.loads(again.stdout)["rows"]["contrastive only, no filter"]["runs"]) == ["1", "2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--table", "7"), "one of 3, 4, 5, A.3, A.4"),
        (("--table", "3", "--row", "best"), "one of margin alone"),
        (("--table", "3", "--seeds", "a"), "whole numbers"),
        (("--table", "3", "--config", "large"), "one of small, published"),
        (("--table", "3", "--set", "steps"), "expected KEY=VALUE"),
    ],
)
def test_mistakes(run, arguments, message):
    done = run("evaluate", "sweeps", "--out", "sweep", "--cache", "cache", *SMALL, *arguments)
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]
