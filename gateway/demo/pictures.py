"""Pictures of products: drawn here, since the seeded ones point at a host that nothing answers to."""

from pathlib import Path
from string import Template
from zlib import crc32

_FOLDER = Path(__file__).parent / "pictures"
_DRAWINGS = {path.stem: Template(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.svg")}

_SHAPES = {
    "box": "box",
    "bundle": "box",
    "mug": "mug",
    "dripper": "dripper",
    "filters": "filters",
    "biscotti": "sweets",
    "chocolate": "sweets",
}
"""Which drawing a word of a product's handle calls for; all else is coffee in a bag."""

_PALETTES = (
    {"bag": "#1f5f56", "dark": "#123f39", "mid": "#58a08f", "glow": "#f0a860"},
    {"bag": "#b5532f", "dark": "#7f3419", "mid": "#dd9468", "glow": "#f4c95d"},
    {"bag": "#2f4b7c", "dark": "#1c2f52", "mid": "#7595c4", "glow": "#f3b7a0"},
    {"bag": "#6b3a5b", "dark": "#44213a", "mid": "#b07f9f", "glow": "#f2c078"},
    {"bag": "#3a3431", "dark": "#211c1a", "mid": "#8a7c72", "glow": "#e08e45"},
    {"bag": "#4c6b3c", "dark": "#2e4523", "mid": "#93b07c", "glow": "#f3d06b"},
    {"bag": "#a8792b", "dark": "#75521a", "mid": "#d6b06c", "glow": "#f7e3a1"},
    {"bag": "#8f2f3a", "dark": "#5f1a23", "mid": "#cf7a80", "glow": "#f6bd8b"},
)
_SUNS = ("168", "184", "216", "232")


def picture(handle: str) -> str:
    """A product's picture as SVG: the same each time, and another for each product."""
    number = crc32(handle.encode())
    shape = next((shape for word, shape in _SHAPES.items() if word in handle.split("-")), "bag")
    palette = _PALETTES[number % len(_PALETTES)]
    return _DRAWINGS[shape].substitute(palette, sun=_SUNS[number // 8 % len(_SUNS)], stamp="226")
