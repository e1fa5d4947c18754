"""Pictures of motions."""

from kinelang.viewing.contact_sheet import contact_sheet
from kinelang.viewing.labels import Curve, Interval, Span
from kinelang.viewing.player import to_html, write_html

__all__ = ["Curve", "Interval", "Span", "contact_sheet", "to_html", "write_html"]
