"""A 3D player of motions in one HTML page. `web/` holds the script's sources; `make player` builds player.min.js from them."""

from kinelang.viewing.player.page import to_html, write_html

__all__ = ["to_html", "write_html"]
