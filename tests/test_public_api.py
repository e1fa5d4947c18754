"""The contract with everyone who writes `import kinelang`."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import kinelang

ROOT = Path(__file__).parents[1]

PUBLIC = {
    "CorpusError", "Description", "FormatError", "KinelangError", "MissingExtraError", "Motion", "MotionError", "SKELETONS", "SMPL22",
    "Skeleton", "SkeletonError", "Stage", "Timeline", "TimelineError", "__version__", "contact_sheet", "describe", "detect", "load",
    "narrate", "parse", "perform", "render", "retarget", "sample", "save", "show", "write_gif", "write_html",
}  # fmt: skip
"""Removing or renaming one of these breaks other people's programs: it needs a new major version."""


def test_three_statements_give_a_first_result(tmp_path: Path) -> None:
    path = tmp_path / "walk.bvh"
    kinelang.save(kinelang.sample("walk_forward"), path)
    program = f"import kinelang\nmotion = kinelang.load({str(path)!r})\nprint(kinelang.describe(motion))\n"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert "walks forward" in done.stdout
    assert done.stdout.count("\n") == 1


def test_the_public_names() -> None:
    assert set(kinelang.__all__) == PUBLIC
    assert set(dir(kinelang)) >= PUBLIC
    for name in PUBLIC:
        assert getattr(kinelang, name) is not None


@pytest.mark.parametrize(
    ("name", "positional", "keywords"),
    [
        ("load", ["path"], ["unit", "up", "fps", "skeleton_file", "body_model"]),
        ("save", ["motion", "path"], []),
        ("describe", ["motion"], ["delta_deg"]),
        ("render", ["description", "form"], []),
        ("retarget", ["motion", "target"], ["rotations"]),
        ("contact_sheet", ["motion", "path"], ["n_poses", "columns", "intervals"]),
        ("sample", ["name", "fps"], []),
        ("perform", ["timeline", "seed"], ["fps", "person"]),
        ("detect", ["motion"], ["network"]),
        ("narrate", ["timeline", "register", "seed", "complete"], []),
        ("parse", ["text"], ["fps"]),
        ("show", ["motions"], ["intervals", "curves", "title", "height_px"]),
        ("write_gif", ["motions", "path"], ["fps", "size", "intervals"]),
        ("write_html", ["motions", "path"], ["intervals", "curves", "title", "autoplay", "attention"]),
    ],
)
def test_parameters(name: str, positional: list[str], keywords: list[str]) -> None:
    parameters = inspect.signature(getattr(kinelang, name)).parameters.values()
    assert [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD] == positional
    assert [p.name for p in parameters if p.kind == p.KEYWORD_ONLY] == keywords


def test_import_loads_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "matplotlib", "torch", "typer", "rich")
    code = f"import sys, kinelang; print([m for m in {heavy!r} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout == "[]\n"


@pytest.mark.parametrize(
    "before",
    ["", "import kinelang.describing", "from kinelang.describing import select", "kinelang.load"],
)
def test_describe_is_the_function_whatever_was_imported(before: str) -> None:
    code = f"import kinelang\n{before}\nprint(type(kinelang.describe).__name__)\nfrom kinelang import *\nprint(type(describe).__name__)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "function\nfunction\n", done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        kinelang.lode  # type: ignore[attr-defined]  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "src/kinelang/__init__.py").read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {alias.asname: node.module for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == kinelang._HOME
    assert (ROOT / "src/kinelang/py.typed").exists()


def test_errors_are_one_family() -> None:
    for name in PUBLIC:
        if name.endswith("Error"):
            assert issubclass(getattr(kinelang, name), kinelang.KinelangError)
