"""Pictures of motions."""

from kinelang.viewing.contact_sheet import contact_sheet
from kinelang.viewing.side_panels import Interval

__all__ = ["Interval", "contact_sheet"]
