"""Run every example in a scratch folder that holds the sample motions, with warnings as errors. `make examples` does this."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import kinelang
from kinelang.motion.samples import SAMPLES

HERE = Path(__file__).parent
NOT_EXAMPLES = ("run_all.py", "demo.py")


def examples() -> list[Path]:
    return sorted(p for p in HERE.glob("*.py") if p.name not in NOT_EXAMPLES)


def scratch_with_samples(folder: Path) -> None:
    (folder / "samples").mkdir()
    for name in SAMPLES:
        kinelang.save(kinelang.sample(name), folder / "samples" / f"{name}.bvh")


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch_with_samples(Path(scratch))
        for example in examples():
            start = time.perf_counter()
            done = subprocess.run([sys.executable, "-W", "error", example.resolve()], cwd=scratch, capture_output=True, text=True)
            print(f"{example.name}: {'ok' if done.returncode == 0 else 'FAILED'} ({time.perf_counter() - start:.1f} s)")
            if done.returncode:
                failed.append(example.name)
                print(done.stdout + done.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
