"""3D human motion and language, in both directions: real motion files in, true words out.

    import kinelang

    motion = kinelang.load("walk.bvh")
    print(kinelang.describe(motion))

Names are imported when they are first used, so that `import kinelang` stays quick.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from kinelang.describing import Description as Description
    from kinelang.describing import describe as describe
    from kinelang.describing import render as render
    from kinelang.errors import CorpusError as CorpusError
    from kinelang.errors import FormatError as FormatError
    from kinelang.errors import KinelangError as KinelangError
    from kinelang.errors import MissingExtraError as MissingExtraError
    from kinelang.errors import MotionError as MotionError
    from kinelang.errors import SkeletonError as SkeletonError
    from kinelang.errors import TimelineError as TimelineError
    from kinelang.formats import load as load
    from kinelang.formats import save as save
    from kinelang.motion.motion import Motion as Motion
    from kinelang.motion.retargeting import retarget as retarget
    from kinelang.motion.samples import sample as sample
    from kinelang.motion.skeleton import Skeleton as Skeleton
    from kinelang.motion.skeletons import SKELETONS as SKELETONS
    from kinelang.motion.skeletons import SMPL22 as SMPL22
    from kinelang.timeline import Stage as Stage
    from kinelang.timeline import Timeline as Timeline
    from kinelang.timeline import detect as detect
    from kinelang.timeline import narrate as narrate
    from kinelang.timeline import parse as parse
    from kinelang.timeline import perform as perform
    from kinelang.viewing import contact_sheet as contact_sheet
    from kinelang.viewing import show as show
    from kinelang.viewing import write_gif as write_gif
    from kinelang.viewing import write_html as write_html

_HOME = {
    "CorpusError": "kinelang.errors",
    "Description": "kinelang.describing",
    "FormatError": "kinelang.errors",
    "KinelangError": "kinelang.errors",
    "MissingExtraError": "kinelang.errors",
    "Motion": "kinelang.motion.motion",
    "MotionError": "kinelang.errors",
    "SKELETONS": "kinelang.motion.skeletons",
    "SMPL22": "kinelang.motion.skeletons",
    "Skeleton": "kinelang.motion.skeleton",
    "SkeletonError": "kinelang.errors",
    "Stage": "kinelang.timeline",
    "Timeline": "kinelang.timeline",
    "TimelineError": "kinelang.errors",
    "contact_sheet": "kinelang.viewing",
    "describe": "kinelang.describing",
    "detect": "kinelang.timeline",
    "load": "kinelang.formats",
    "narrate": "kinelang.timeline",
    "parse": "kinelang.timeline",
    "perform": "kinelang.timeline",
    "render": "kinelang.describing",
    "retarget": "kinelang.motion.retargeting",
    "sample": "kinelang.motion.samples",
    "save": "kinelang.formats",
    "show": "kinelang.viewing",
    "write_gif": "kinelang.viewing",
    "write_html": "kinelang.viewing",
}
"""Where each public name lives (PEP 562: `__getattr__` imports it on first use)."""

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kinelang' has no attribute '{name}'")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])


def _show_motions_in(shell: Any) -> None:
    """In a notebook a `Motion` that is the result of a cell is shown as a player; nothing is imported before there is one."""
    if shell is not None and getattr(shell, "display_formatter", None) is not None:
        formatter = shell.display_formatter.formatters["text/html"]
        formatter.for_type_by_name("kinelang.motion.motion", "Motion", lambda motion: __getattr__("show")(motion)._repr_html_())


if "IPython" in sys.modules:
    _show_motions_in(sys.modules["IPython"].get_ipython())
