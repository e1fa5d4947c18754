"""CIDEr and CIDEr-D (Vedantam et al., CVPR 2015): cosine of tf-idf weighted n-grams with each reference, mean over n, times 10.

CIDEr-D is what coco-caption, and with it nearly every table, calls CIDEr: n-grams count at most as often as the reference has them, and
a Gaussian of deviation 6 falls with the difference in length. As in the release (github.com/vrama91/cider; pycocoevalcap,
`cider_scorer.py`) words are not stemmed, the document frequency is that of the evaluated references, and the length is the number of
2-grams. In a corpus of one clip every idf is 0.
"""

from __future__ import annotations

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array
from kinelang.metrics.captioning.bleu import looked_up
from kinelang.metrics.captioning.corpus import Corpus, Grams

SIGMA = 6.0
_SCALE = 10.0


def cider(corpus: Corpus, plain: bool = False) -> Array:
    """CIDEr-D of each clip, (N,) float64, 0 to 10; `plain`: CIDEr without clipping and without the Gaussian.

    Raises:
        KinelangError: fewer than two clips.
    """
    n = len(corpus)
    if n < 2:
        raise KinelangError.of("CIDEr", "1 clip", "at least 2", "its word weights come from how many clips' references have a word")
    clip = corpus.clip[n:]
    cosines = np.mean([_cosines(corpus, grams, plain) for grams in corpus.grams], axis=0)
    if not plain:
        two = np.maximum(corpus.length - 1, 0)
        cosines = cosines * np.exp(-((two[clip] - two[n:]) ** 2) / (2 * SIGMA**2))
    return np.asarray(_SCALE * np.bincount(clip, cosines, minlength=n) / np.bincount(clip, minlength=n))


def _cosines(corpus: Corpus, grams: Grams, plain: bool) -> Array:
    """(M,) of each reference with its candidate."""
    n, kinds = len(corpus), max(grams.kinds, 1)
    keys = corpus.clip[grams.text] * kinds + grams.gram
    is_reference = grams.text >= n
    clips_with = np.bincount(np.unique(keys[is_reference]) % kinds, minlength=kinds)
    weight = grams.count * (np.log(n) - np.log(np.maximum(clips_with, 1)))[grams.gram]
    norm = np.sqrt(np.bincount(grams.text, weight**2, minlength=len(corpus.words)))
    own, other = weight[~is_reference], weight[is_reference]
    matching = looked_up(keys[is_reference], keys[~is_reference], own)
    shared = (matching if plain else np.minimum(matching, other)) * other
    below = norm[n:] * norm[corpus.clip[n:]]
    products = np.bincount(grams.text[is_reference] - n, shared, minlength=len(below))
    return np.asarray(np.divide(products, below, out=np.zeros(len(below)), where=below > 0))
