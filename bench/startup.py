"""Start-up times: `import kinelang` and `kinelang --help`, each in fresh processes; prints a Markdown table.

python bench/startup.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time

CASES = {
    "python -c 'pass'": ["-c", "pass"],
    "import kinelang": ["-c", "import kinelang"],
    "kinelang --help": ["-m", "kinelang", "--help"],
    "kinelang describe --help": ["-m", "kinelang", "describe", "--help"],
    "import numpy (for comparison)": ["-c", "import numpy"],
}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(rounds):  # interleaved, so that a busy moment hits all alike
        for name, arguments in CASES.items():
            times[name].append(seconds(arguments))
    print(f"Python {platform.python_version()}, {rounds} fresh processes each, interpreter start included\n")
    print("| process | best s | median s |\n|---|---|---|")
    for name, measured in times.items():
        print(f"| `{name}` | {min(measured):.3f} | {statistics.median(measured):.3f} |")


if __name__ == "__main__":
    main()
