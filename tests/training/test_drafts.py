"""What is told of training clips: by their timelines, or by people where the corpus has their words; kept as it was made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpora.corpus_samples import STAGE_TEXTS, make_humman_mogen
from kinelang.timeline.narrating import COLUMNS
from kinelang.training.data import Source, clips_of
from kinelang.training.drafts import drafts_of


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_humman_mogen(tmp_path_factory.mktemp("corpus"), people=1)
    (folder / "train.txt").write_text("p000459_a000011\n")
    return folder


def test_peoples_stages_are_the_matrix(place: Path, tmp_path: Path) -> None:
    clips = clips_of(Source.parse(f"humman_mogen_sequences:{place}"), "train", tmp_path / "features")
    drafts = drafts_of(clips, tmp_path / "drafts")
    assert len(drafts) == len(clips) == 2 * 4  # the whole and three stages, and their mirror image
    whole = clips.keys.index("p000459_a000011")
    assert [(start, end, cells[0]) for start, end, cells in drafts.rows[whole]] == [
        (0.0, 0.7, "Stand with legs open."),
        (0.7, 2.2, "Take steps to the left."),
        (2.2, 3.5, "Bow."),
    ]
    for rows in drafts.rows:
        for _, _, cells in rows:
            assert len(cells) == len(COLUMNS)
            assert cells[COLUMNS.index("torso")] == STAGE_TEXTS["stem"]
            assert cells[COLUMNS.index("trajectory")] == STAGE_TEXTS["pelvis"]
    stage = clips.keys.index("p000459_a000011@0.7-2.2")
    assert [row[:2] for row in drafts.rows[stage]] == [(0.0, 1.5)]
    for i in range(len(clips)):
        assert drafts[i].shape == clips[i].shape


def test_what_was_kept_is_what_is_read_again(place: Path, tmp_path: Path) -> None:
    clips = clips_of(Source.parse(f"humman_mogen:{place}"), "train", tmp_path / "features")
    first, second = drafts_of(clips, tmp_path / "drafts"), drafts_of(clips, tmp_path / "drafts")
    assert first.rows == second.rows
    assert (first[0] == second[0]).all()


def test_the_cache_of_other_corpora_is_called_what_it_was(tmp_path: Path) -> None:
    """A training that was begun goes on with the drafts that it has."""
    clips = clips_of(Source.parse("synthetic:3"), "train", tmp_path / "features")
    drafts = drafts_of(clips, tmp_path / "drafts")
    assert all(len(cells) == len(COLUMNS) for rows in drafts.rows for _, _, cells in rows)
    (kept,) = (tmp_path / "drafts").iterdir()
    content = json.loads((kept / "complete.json").read_text())
    assert content.pop("options")
    assert content == {"source": "synthetic:3", "corpus": "synthetic", "where": "seed 0, 3 clips", "split": "train", "drafts": 1}
