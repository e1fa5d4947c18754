"""The table of caption metrics, and one call for any of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array
from kinelang.metrics.captioning import bleu, meteor
from kinelang.metrics.captioning.bert import BertModel
from kinelang.metrics.captioning.cider import cider
from kinelang.metrics.captioning.corpus import Corpus, read_corpus
from kinelang.metrics.captioning.rouge import rouge_l
from kinelang.metrics.captioning.tokens import STRICT
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap


@dataclass(frozen=True)
class Score:
    """One figure of a set of captions.

    Attributes:
        name: key in `METRICS`.
        value: of all clips together; higher is better.
        per_clip: (N,) float64, of each clip by itself. The value is their mean but for BLEU and METEOR, whose counts are summed first.
        mode: "strict" or "legacy", see `tokens`.
        n: clips.
        about: of BERTScore the model and how it was used.
        statistics: (N, S) what is summed over clips, or None where the value is the mean of `per_clip`.
    """

    name: str
    value: float
    per_clip: Array = field(repr=False)
    mode: str = STRICT
    n: int = 0
    about: str = ""
    statistics: Array | None = field(default=None, repr=False)
    _of_sums: Callable[[Array], Array] | None = field(default=None, repr=False)

    def drawn(self, weights: Array) -> Array:
        """The figure if each clip counted so many times: from (R, N) whole numbers to (R,) float64, NaN where none counts.

        Of CIDEr the weights of words stay those of the evaluated references. For `bootstrap`; `a.drawn(w) - b.drawn(w)` is a paired
        difference.
        """
        times = np.asarray(weights, dtype=np.float64)
        total = times.sum(axis=-1)
        if self.statistics is None or self._of_sums is None:
            return np.asarray(np.where(total > 0, times @ self.per_clip / np.maximum(total, 1), np.nan))
        return np.asarray(np.where(total > 0, self._of_sums(times @ self.statistics), np.nan))

    def interval(self, groups: Sequence[str] | None = None, rounds: int = ROUNDS, seed: int = 0) -> Interval:
        """95 % interval by drawing clips, or whole groups of them, again.

        Args:
            groups: (N) the recording that each clip is cut from; None: each clip is one of its own.
            rounds, seed: of the draws.

        Raises:
            KinelangError: another number of groups than clips.
        """
        named = [str(i) for i in range(self.n)] if groups is None else groups
        if len(named) != self.n:
            raise KinelangError.of(self.name, f"{len(named)} groups", f"one for each of {self.n} clips")
        return bootstrap(self.drawn, named, rounds, seed)

    def to_json(self) -> dict[str, Any]:
        """As plain data, without the values of single clips."""
        return {"name": self.name, "value": self.value, "mode": self.mode, "n": self.n} | ({"about": self.about} if self.about else {})


@dataclass(frozen=True)
class Metric:
    """One row of a table of results.

    Attributes:
        name: key in `METRICS`.
        needs: what it needs beside captions: "" nothing, "java", "bert".
        measure: from the corpus and the model of BERTScore to (N, S) statistics of each clip.
        of_sums: from statistics (..., S), of a clip or summed over several, to the figure (...); None: the statistics are (N,) values
            of clips, and the figure is their mean.
    """

    name: str
    needs: str
    measure: Callable[[Corpus, BertModel | None], Array]
    of_sums: Callable[[Array], Array] | None = None

    def of(self, corpus: Corpus, bert_model: BertModel | None = None, measured: Array | None = None) -> Score:
        """The figure of a corpus; `measured`: the statistics, where another metric of the same measure has made them."""
        found = self.measure(corpus, bert_model) if measured is None else measured
        about = bert_model.about() if self.needs == "bert" and bert_model is not None else ""
        if self.of_sums is None:
            return Score(self.name, float(found.mean()), found, corpus.mode, len(corpus), about)
        value = float(self.of_sums(found.sum(axis=0)))
        return Score(self.name, value, self.of_sums(found), corpus.mode, len(corpus), about, found, self.of_sums)


def _bleu_counts(corpus: Corpus, _: BertModel | None) -> Array:
    return bleu.statistics(corpus)


def _bleu(n: int) -> Metric:
    return Metric(f"BLEU-{n}", "", _bleu_counts, lambda sums: bleu.bleu(sums, n))


def _bert_score(corpus: Corpus, model: BertModel | None) -> Array:
    if model is None:
        raise KinelangError.of("BERTScore", "no model", "a folder or name of one", "give bert=BertModel(...)")
    if corpus.mode == STRICT:
        return model.score(corpus.candidates, corpus.references)
    texts = iter([" ".join(words) for words in corpus.words])
    candidates = [next(texts) for _ in corpus.candidates]
    return model.score(candidates, [[next(texts) for _ in several] for several in corpus.references])


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        _bleu(1),
        _bleu(2),
        _bleu(3),
        _bleu(4),
        Metric("ROUGE-L", "", lambda corpus, _: rouge_l(corpus)),
        Metric("CIDEr-D", "", lambda corpus, _: cider(corpus)),
        Metric("CIDEr plain", "", lambda corpus, _: cider(corpus, plain=True)),
        Metric("METEOR", "java", lambda corpus, _: meteor.statistics(corpus), meteor.meteor),
        Metric("BERTScore", "bert", _bert_score),
    )
}
"""All metrics. What tables print as CIDEr is CIDEr-D. A new metric is a function and one line here."""

TEXT_METRICS = tuple(metric.name for metric in METRICS.values() if not metric.needs)
"""Those that need nothing but the captions."""


def score(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    metrics: Sequence[str] | None = None,
    *,
    mode: str = STRICT,
    vocabulary: Collection[str] | None = None,
    bert: BertModel | None = None,
) -> dict[str, Score]:
    """Judge captions by those that people wrote.

    Args:
        candidates: N captions, one a clip.
        references: of each clip one or more.
        metrics: names in `METRICS`; None: `TEXT_METRICS`, and BERTScore where its model is given.
        mode: "strict" (what tables report) or "legacy" (with <eos>, <unk> and punctuation; see `tokens`).
        vocabulary: in legacy mode the words that the captioner can say.
        bert: model of BERTScore. It reads raw texts in strict mode, and in legacy mode the words, joined by blanks.

    Returns:
        The scores by name, in the order asked.

    Raises:
        KinelangError: unknown metric or mode, or texts that do not match; see `read_corpus`.
        MissingExtraError: METEOR without Java or its program, BERTScore without transformers.
    """
    asked = [*TEXT_METRICS, *(["BERTScore"] if bert else [])] if metrics is None else list(metrics)
    unknown = [name for name in asked if name not in METRICS]
    if unknown:
        raise KinelangError.of("metric", f"'{unknown[0]}'", f"one of {', '.join(METRICS)}")
    corpus = read_corpus(candidates, references, mode, vocabulary)
    made: dict[Callable[[Corpus, BertModel | None], Array], Array] = {}
    out = {}
    for name in asked:
        metric = METRICS[name]
        if metric.measure not in made:
            made[metric.measure] = metric.measure(corpus, bert)
        out[name] = metric.of(corpus, bert, made[metric.measure])
    return out
