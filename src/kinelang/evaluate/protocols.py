"""TMR's retrieval protocols: from what a system says of texts and clips to the galleries that are searched, and what is correct there.

Source: TMR (Petrovich et al., ICCV 2023), section 4.1, and its release (github.com/Mathux/TMR), whose thresholds and batches these are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.evaluate.text_similarity import SAME_THRESHOLD, cosine_of, dissimilar_subset
from kinelang.language.named_sides import differ_in_side
from kinelang.motion.arrays import Array, BoolArray

GALLERIES = ("all", "unseen")


@dataclass(frozen=True, eq=False)
class Trial:
    """What one system says of texts and clips, with what is needed to judge it. Made by `trial_of`, which checks it.

    Attributes:
        scores: (T, C) of each text for each clip, higher for better: cosines, or minus a distance.
        right: (T,) index of the clip that each text was written for.
        ids: (C) names of the clips, which set the order in which protocols draw them.
        groups: (C) recording of each clip; clips of one are drawn together in the bootstrap.
        unseen: (C) bool, clips that the system was not trained on.
        texts: (T) the sentences; needed by "identical" and "threshold_sides".
        text_cosines: (T, T) cosines of the sentences; needed by "threshold", "threshold_sides" and "dissimilar".
    """

    scores: Array
    right: Array
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    unseen: BoolArray
    texts: tuple[str, ...] | None = None
    text_cosines: Array | None = None

    def only(self, clips: Array) -> Trial:
        """The trial of some clips (indices) and the texts written for them; KinelangError if there are none."""
        kept = np.flatnonzero(np.isin(self.right, clips))
        if not len(kept):
            raise KinelangError.of("gallery", "no text written for its clips", "at least one")
        place = np.full(len(self.ids), -1)
        place[clips] = np.arange(len(clips))
        return Trial(
            self.scores[np.ix_(kept, clips)],
            place[self.right[kept]],
            tuple(self.ids[i] for i in clips),
            tuple(self.groups[i] for i in clips),
            self.unseen[clips],
            None if self.texts is None else tuple(self.texts[i] for i in kept),
            None if self.text_cosines is None else self.text_cosines[np.ix_(kept, kept)],
        )


def trial_of(
    scores: Array,
    *,
    right: Array | None = None,
    ids: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    unseen: BoolArray | None = None,
    texts: Sequence[str] | None = None,
    text_cosines: Array | None = None,
) -> Trial:
    """A `Trial`. What is left out: text i was written for clip i, clips are named by their places, each is a recording of its own and
    unseen.

    Raises:
        KinelangError: naming what does not fit.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or not scores.size or not np.isfinite(scores).all():
        raise KinelangError.of("scores", f"shape {scores.shape}", "finite numbers (texts, clips), at least one of each")
    n_texts, n_clips = scores.shape
    if right is None and n_texts != n_clips:
        raise KinelangError.of("right", "nothing", f"the clip of each of {n_texts} texts", f"give it: there are {n_clips} clips")
    right = np.arange(n_texts) if right is None else np.asarray(right)
    if right.shape != (n_texts,) or not np.issubdtype(right.dtype, np.integer) or right.min() < 0 or right.max() >= n_clips:
        raise KinelangError.of("right", f"shape {right.shape}", f"{n_texts} indices from 0 to {n_clips - 1}")
    ids = tuple(f"{i:0{len(str(n_clips))}d}" for i in range(n_clips)) if ids is None else tuple(ids)
    groups = ids if groups is None else tuple(groups)
    unseen = np.ones(n_clips, dtype=bool) if unseen is None else np.asarray(unseen, dtype=bool)
    for name, length, there in (
        ("ids", n_clips, ids),
        ("groups", n_clips, groups),
        ("unseen", n_clips, unseen),
        ("texts", n_texts, texts),
    ):
        if there is not None and len(there) != length:
            raise KinelangError.of(name, f"{len(there)}", f"{length}", f"scores are {n_texts} texts by {n_clips} clips")
    if text_cosines is not None and np.shape(text_cosines) != (n_texts, n_texts):
        raise KinelangError.of("text_cosines", f"shape {np.shape(text_cosines)}", f"({n_texts}, {n_texts})")
    cosines = None if text_cosines is None else np.asarray(text_cosines, dtype=np.float32)
    return Trial(scores, right, ids, groups, unseen, None if texts is None else tuple(texts), cosines)


@dataclass(frozen=True, eq=False)
class Searched:
    """One gallery of a protocol.

    Attributes:
        texts: indices of the texts in it.
        clips: indices of the clips in it.
        accepted: (texts, clips) bool, what counts as correct, in both directions.
    """

    texts: Array
    clips: Array
    accepted: BoolArray


def _accepting(trial: Trial, same: BoolArray | None = None) -> list[Searched]:
    """The whole gallery; with `same` (T, T) bool a clip is correct, too, for a text that is the same as one written for it."""
    n_texts, n_clips = trial.scores.shape
    accepted = np.zeros((n_texts, n_clips), dtype=bool)
    accepted[np.arange(n_texts), trial.right] = True
    for text in range(n_texts if same is not None else 0):
        accepted[:, trial.right[text]] |= np.asarray(same)[:, text]
    return [Searched(np.arange(n_texts), np.arange(n_clips), accepted)]


def _all(trial: Trial) -> list[Searched]:
    return _accepting(trial)


def _threshold(trial: Trial, *, threshold: float) -> list[Searched]:
    return _accepting(trial, np.asarray(trial.text_cosines) > cosine_of(threshold))


def _threshold_sides(trial: Trial, *, threshold: float) -> list[Searched]:
    return _accepting(trial, (np.asarray(trial.text_cosines) > cosine_of(threshold)) & ~differ_in_side(trial.texts or ()))


def _identical(trial: Trial) -> list[Searched]:
    _, code = np.unique(np.array([wording(text) for text in trial.texts or ()]), return_inverse=True)
    return _accepting(trial, code[:, None] == code[None, :])


def wording(text: str) -> str:
    """The words of a text in small letters, without punctuation: what is the same for texts that count as identical."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def _dissimilar(trial: Trial, *, size: int, seed: int) -> list[Searched]:
    texts, clips = _first_captions(trial)
    chosen = dissimilar_subset(np.asarray(trial.text_cosines)[np.ix_(texts, texts)], size, seed)
    return [Searched(texts[chosen], clips[chosen], np.eye(len(chosen), dtype=bool))]


def _batches(trial: Trial, *, size: int, seed: int) -> list[Searched]:
    _, clips = _first_captions(trial)
    if len(clips) < size:
        raise KinelangError.of("protocol 'batches'", f"{len(clips)} clips", f"at least {size}", "give more, or a smaller size")
    order = np.arange(len(clips))
    np.random.RandomState(seed).shuffle(order)
    out = []
    for start in range(0, len(order) - size + 1, size):
        batch = clips[order[start : start + size]]
        texts = np.flatnonzero(np.isin(trial.right, batch))
        out.append(Searched(texts, batch, trial.right[texts][:, None] == batch[None, :]))
    return out


def _first_captions(trial: Trial) -> tuple[Array, Array]:
    """(First text of each clip that has one, the clip), in the order of the clips' ids."""
    clips, texts = np.unique(trial.right, return_index=True)
    order = np.argsort(np.array(trial.ids)[clips], kind="stable")
    return texts[order], clips[order]


@dataclass(frozen=True)
class Protocol:
    """One way of judging.

    Attributes:
        name: key in `PROTOCOLS`.
        letter: of TMR's paper, "" for those of our own.
        description: one line.
        search: from a trial and the options to the galleries searched; figures are means over these.
        options: published values of its constants, which results record.
        needs: attributes of the trial that have to be there.
    """

    name: str
    letter: str
    description: str
    search: Callable[..., list[Searched]]
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("all", "a", "every clip; a text's own clip alone is correct", _all),
        Protocol(
            "threshold",
            "b",
            "every clip; clips whose texts are as similar as the threshold are correct too (made for MPNet)",
            _threshold,
            {"threshold": SAME_THRESHOLD},
            ("text_cosines",),
        ),
        Protocol(
            "threshold_sides",
            "",
            "as (b), but a text that names other sides is never correct",
            _threshold_sides,
            {"threshold": SAME_THRESHOLD},
            ("text_cosines", "texts"),
        ),
        Protocol(
            "identical",
            "",
            "every clip; clips with a text that is the same, but for case and punctuation, are correct too",
            _identical,
            needs=("texts",),
        ),
        Protocol(
            "dissimilar",
            "c",
            "the 100 pairs whose texts are least alike (first text of each clip)",
            _dissimilar,
            {"size": 100, "seed": 0},
            ("text_cosines",),
        ),
        Protocol(
            "batches", "d", "batches of 32 clips, drawn with seed 0; figures are means over batches", _batches, {"size": 32, "seed": 0}
        ),
    )
}
"""The four protocols of TMR and two of our own. A new one is a function and one line here."""


def settings(trial: Trial, protocol: str, gallery: str, options: Mapping[str, Any]) -> tuple[Protocol, dict[str, Any]]:
    """The protocol and its options, checked."""
    if protocol not in PROTOCOLS:
        raise KinelangError.of("protocol", f"'{protocol}'", f"one of {', '.join(PROTOCOLS)}")
    if gallery not in GALLERIES:
        raise KinelangError.of("gallery", f"'{gallery}'", f"one of {', '.join(GALLERIES)}")
    known = PROTOCOLS[protocol]
    for name in options.keys() - known.options.keys():
        raise KinelangError.of(f"protocol '{protocol}'", f"option '{name}'", f"one of: {', '.join(known.options) or 'none'}")
    for name in known.needs:
        if getattr(trial, name) is None:
            raise KinelangError.of(f"protocol '{protocol}'", f"a trial without {name}", "them", f"give the trial its {name}")
    return known, {**known.options, **options}


def of_gallery(trial: Trial, gallery: str) -> Trial:
    """The trial of the clips that a gallery holds: all, or those that the system was not trained on."""
    return trial if gallery == "all" or trial.unseen.all() else trial.only(np.flatnonzero(trial.unseen))
