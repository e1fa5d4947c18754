"""Activities that last: what the frames of a while say together, where each alone is in doubt."""

from __future__ import annotations

import numpy as np

from kinelang.language.lexicon import VERBS
from kinelang.motion.arrays import Array
from kinelang.motion.contacts import spans
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import ARMS
from kinelang.timeline.detecting.network import Seen
from kinelang.timeline.detecting.rules import goes_straight, held
from kinelang.timeline.detecting.signals import Signals
from kinelang.timeline.detecting.vocabulary import Vocabulary, tracks_of

LASTING = ("dance",)
SIGMA_S = 1.5
SURE, LEAST = 0.6, 0.4
"""An activity lasts while its smoothed probability is above the second number, if it comes above the first. Chosen on the captioned CMU
training segments (ours)."""
CERTAIN = float(np.log(0.9))


def with_activities(emitted: dict[str, Array], seen: Seen, signals: Signals, vocabulary: Vocabulary) -> dict[str, Array]:
    """Log probabilities (T, classes) by row, those of a lasting activity raised to near certainty where it goes on.

    Who goes straight on for a while only walks or runs in an unusual way.
    """
    out = dict(emitted)
    for verb in LASTING:
        tracks = [track for track in tracks_of(verb) if verb in vocabulary.classes[track]]
        if not tracks:
            continue
        share = smoothed(verb, seen, vocabulary)
        for a, b in spans(held(share > SURE, share < LEAST)):
            if goes_straight(signals, a, b):
                continue
            for track in tracks:
                i = vocabulary.classes[track].index(verb)
                for row in ARMS if track == "arm" else (track,):
                    out[row] = out[row].copy()
                    out[row][a:b, i] = np.maximum(out[row][a:b, i], CERTAIN)
    return out


def smoothed(verb: str, seen: Seen, vocabulary: Vocabulary) -> Array:
    """Probability of a verb on all its rows together, smoothed over seconds. (T,)."""
    from scipy.ndimage import gaussian_filter1d

    told = []
    for track in tracks_of(verb):
        i = vocabulary.classes[track].index(verb)
        if track != "arm":
            told.append(np.exp(seen.verb[track][:, i]))
        elif "arm" in VERBS[verb].parts:
            told.append(np.maximum(*(np.exp(seen.verb[row][:, i]) for row in ARMS)))
        else:
            told += [np.exp(seen.verb[row][:, i]) for row in ARMS]
    return np.asarray(gaussian_filter1d(np.mean(told, axis=0), SIGMA_S * FPS, mode="nearest"))
