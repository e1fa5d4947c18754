"""Beam search over all clips and beams at once, beside a priority queue a clip, which the reference release has.

All run the same NumPy captioner on the same clips. The queue that expands one node after the other has to find captions of the same
scores. It is timed calling the model with the clip alone, and as the release does it: with the whole batch for every node, of which all
rows but one are thrown away (on fewer clips: the time a clip is what counts). The last row is the release's own order of search, always
the node of the best mean, which prunes otherwise and so finds other captions. Fresh weights end no sentence by themselves, so captions
have 8 words at least; give a trained model with --run.

python bench/caption_decoding.py [--clips N] [--beam K] [--words V] [--run FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from kinelang.models.captioner.config import CaptionerConfig  # noqa: E402
from kinelang.models.captioner.inference import Decoder, Memory, State, Twin, tensor_shapes, twin_of  # noqa: E402
from kinelang.models.decoding import Rules, Sentence, beam_search  # noqa: E402
from kinelang.motion.arrays import Array  # noqa: E402
from models.decoding_reference import best_first, queue_beam  # noqa: E402

AT_ONCE = 32
FEW = 8


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clips", type=int, default=256)
    asked.add_argument("--frames", type=int, default=35, help="frames seen of each clip: 7 s at 5 a second")
    asked.add_argument("--beam", type=int, default=2)
    asked.add_argument("--words", type=int, default=3000)
    asked.add_argument("--run", type=Path, help="a trained captioner in place of fresh weights")
    given = asked.parse_args()
    twin, config = _twin(given.words, given.run)
    rng = np.random.default_rng(0)
    width = max(max((*c.places, *c.steps)) for c in twin.columns) + 1
    clips = [rng.standard_normal((given.frames, width)).astype(np.float32) for _ in range(given.clips)]
    rules = Rules(min_words=0 if given.run else 8, max_words=config.data.max_words)
    memories = [twin.remember([clip]) for clip in clips]

    def batched() -> list[Sentence]:
        found: list[Sentence] = []
        for at in range(0, len(clips), AT_ONCE):
            memory = twin.remember(clips[at : at + AT_ONCE])
            found += [best[0] for best in beam_search(Decoder(twin, memory), rules, given.beam)]
        return found

    def alone(search: Callable[..., list[Sentence]]) -> list[Sentence]:
        return [search(Decoder(twin, memory), rules, given.beam, 1)[0] for memory in memories]

    def whole_batch() -> list[Sentence]:
        memory = twin.remember(clips[:AT_ONCE])
        return [queue_beam(OneOfMany(twin, memory, i), rules, given.beam, 1)[0] for i in range(min(FEW, len(clips)))]

    searches: dict[str, Callable[[], list[Sentence]]] = {
        "batched beam": batched,
        "queue a clip": lambda: alone(queue_beam),
        "queue a clip, whole batch a node": whole_batch,
        "best first a clip": lambda: alone(best_first),
    }
    batched()
    found, ms = {}, {}
    for name, search in searches.items():
        start = time.perf_counter()
        found[name] = search()
        ms[name] = 1e3 * (time.perf_counter() - start) / len(found[name])
        score, words = (float(np.mean(values)) for values in zip(*((s.score, len(s.words)) for s in found[name]), strict=True))
        times = ms[name] / ms["batched beam"]
        print(f"{name:34} {ms[name]:8.2f} ms a clip {times:7.1f} x   mean score {score:.4f}   {words:.1f} words")
    pairs = list(zip(found["batched beam"], found["queue a clip"], strict=True))
    pairs += zip(found["batched beam"], found["queue a clip, whole batch a node"], strict=False)
    largest = max(abs(a.score - b.score) for a, b in pairs)
    same = sum(a.words == b.words for a, b in pairs) / len(pairs)
    print(f"{len(clips)} clips of {given.frames} frames seen, {twin.n_words} words, beam {given.beam}, batches of {AT_ONCE}")
    print(f"queue and batch: {100 * same:.1f} % the same captions, largest difference of scores {largest:.1e}")
    assert largest < 1e-4


class OneOfMany:
    """A step of one clip that runs the whole batch for it, as the release's does."""

    n_samples = 1

    def __init__(self, twin: Twin, memory: Memory, clip: int) -> None:
        self._step, self._clip, self.n_words = Decoder(twin, memory), clip, twin.n_words

    def start(self) -> State:
        return self._step.start()

    def __call__(self, words: Array, state: State) -> tuple[Array, State]:
        log_probabilities, state = self._step(np.broadcast_to(words, (self._step.n_samples, 1)), state)
        return log_probabilities[self._clip : self._clip + 1], state


def _twin(words: int, run: Path | None) -> tuple[Twin, CaptionerConfig]:
    if run is not None:
        from kinelang.models.captioner import Captioner

        captioner = Captioner.load(run)
        return captioner._twin, captioner.config
    config = CaptionerConfig.small()
    config = replace(config, network=replace(config.network, words=words))
    rng = np.random.default_rng(1)
    weights = {
        name: (rng.standard_normal(shape) * (3 if name == "output.weight" else 1) / np.sqrt(shape[-1])).astype(np.float32)
        for name, shape in tensor_shapes(config).items()
    }
    weights["output.bias"][2] += 8.0  # sentences end
    return twin_of(weights, config), config


if __name__ == "__main__":
    main()
