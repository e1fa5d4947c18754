"""Average the weights of two runs of the detector's training, of which the second went on from the first: steadier than either.

python tools/average_detector.py FIRST SECOND OUT --share 0.35
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from kinelang.timeline.detecting.weights import read_safetensors, write_safetensors


def main() -> None:
    """Average."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("first", "second", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--share", type=float, default=0.35, help="of the first")
    options = parser.parse_args()
    first, meta_first = read_safetensors(options.first)
    second, meta = read_safetensors(options.second)
    if meta["classes"] != meta_first["classes"] or meta["signals"] != meta_first["signals"]:
        raise SystemExit("the two runs know other verbs or signals")
    mean = {k: options.share * first[k].astype(np.float32) + (1 - options.share) * second[k].astype(np.float32) for k in second}
    meta["trained"] = f"mean of two runs ({options.share:g} of the first): {meta_first['trained']}; {meta['trained']}"
    write_safetensors(options.out, {k: w.astype(np.float16) for k, w in mean.items()}, meta)


if __name__ == "__main__":
    main()
