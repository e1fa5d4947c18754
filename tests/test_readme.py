"""README and docs say what the code does."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import kinelang
from kinelang.formats import FORMATS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))
VERBS = ("info", "describe", "convert", "view", "generate", "edit", "timeline", "corpus", "evaluate", "samples", "doctor")


def test_the_first_result_is_the_example_that_is_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert blocks == [(ROOT / "examples" / "first_result.py").read_text(encoding="utf-8")]
    assert len([line for line in blocks[0].splitlines() if line]) == 3


def test_the_printed_descriptions_are_what_is_printed() -> None:
    said = {str(kinelang.describe(kinelang.sample(name))) for name in ("walk_forward", "wave_right_hand")}
    quoted = re.findall(r"^The person .*$", README, flags=re.MULTILINE)
    assert set(quoted) == said
    for page in PAGES:
        assert set(re.findall(r"^The person .*$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)) <= said, page


def test_every_snippet_of_the_docs_is_a_file_that_is_run() -> None:
    for page in PAGES:
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
            assert re.fullmatch(r'--8<-- "examples/\w+\.py"\n', block), f"{page.name}: {block}"
            assert (ROOT / block.split('"')[1]).exists()


@pytest.mark.parametrize("text", [README, (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")], ids=["README", "docs"])
def test_every_format_is_listed_as_what_it_can_do(text: str) -> None:
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    for entry in FORMATS.values():
        listed = [row for row in rows if f"`{entry.suffixes[0]}`" in row]
        assert listed, entry.name
        for row in listed:
            yes_no = [cell.strip() for cell in row.split("|") if cell.strip() in ("yes", "no")]
            assert yes_no == ["yes", "no" if entry.write is None else "yes"], row


def test_every_verb_is_listed() -> None:
    for verb in VERBS:
        assert f"| `kinelang {verb} " in README or f"| `kinelang {verb}`" in README


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), (ROOT / ".ci" / "run").read_text(encoding="utf-8")):
        for target in re.findall(r"^make ([a-z-]+)", page, flags=re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_constraints_name_no_place() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r'[A-Za-z0-9._-]+==[\w.]+( ; python_version (<|>=) "3\.11")?', pin) for pin in pins)
    assert pins == sorted(pins, key=lambda pin: pin.split("==")[0])


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")
def test_everything_that_is_installed_is_pinned() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    pinned = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    for requirement in wanted:
        name = re.split(r"[<>=!~\[ ]", requirement)[0]
        assert name.lower() in pinned or name == "kinelang", name
