"""Search: an index of motions, asked by words, by example and by structure, and the moments in them.

from kinelang.search import Index

index = Index.build("library.index", ["motions/"])
for hit in index.search("a person kicks with the left foot"):
    print(hit.path, hit.score, hit.start_s, hit.end_s)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinelang.search.base import Retriever as Retriever
    from kinelang.search.base import SearchError as SearchError
    from kinelang.search.base import Windows as Windows
    from kinelang.search.index import Index as Index
    from kinelang.search.moments import Curve as Curve
    from kinelang.search.moments import Localiser as Localiser
    from kinelang.search.moments import Moment as Moment
    from kinelang.search.query import Filters as Filters
    from kinelang.search.query import Fusion as Fusion
    from kinelang.search.query import Hit as Hit
    from kinelang.search.reports import Report as Report
    from kinelang.search.reports import Verification as Verification
    from kinelang.search.vectors import VectorEngine as VectorEngine

_HOME = {
    "Curve": "moments",
    "Filters": "query",
    "Fusion": "query",
    "Hit": "query",
    "Index": "index",
    "Localiser": "moments",
    "Moment": "moments",
    "Report": "reports",
    "Retriever": "base",
    "SearchError": "base",
    "VectorEngine": "vectors",
    "Verification": "reports",
    "Windows": "base",
}
"""Where each name lives; it is imported on first use."""

__all__ = [
    "Curve",
    "Filters",
    "Fusion",
    "Hit",
    "Index",
    "Localiser",
    "Moment",
    "Report",
    "Retriever",
    "SearchError",
    "VectorEngine",
    "Verification",
    "Windows",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
