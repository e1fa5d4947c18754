"""Pictures of motions."""

from kinelang.viewing.angle_curves import angle_curves
from kinelang.viewing.attention import AttendedWord, Attention
from kinelang.viewing.attention_sheet import attention_sheet
from kinelang.viewing.contact_sheet import contact_sheet
from kinelang.viewing.gif import write_gif
from kinelang.viewing.labels import Curve, Interval, Span
from kinelang.viewing.notebook import Player, show
from kinelang.viewing.player import to_html, write_html

__all__ = [
    "AttendedWord",
    "Attention",
    "Curve",
    "Interval",
    "Player",
    "Span",
    "angle_curves",
    "attention_sheet",
    "contact_sheet",
    "show",
    "to_html",
    "write_gif",
    "write_html",
]
