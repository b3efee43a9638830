"""radiome: radiomics that measures right, measures fast, and will not fool you.

The public names load on first use, so that ``import radiome`` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from radiome.base.version import __version__

if TYPE_CHECKING:
    from radiome.cohort.single import extract
    from radiome.extraction.settings import Settings
    from radiome.image.geometry import Geometry
    from radiome.image.mask import Mask
    from radiome.image.volume import Volume

_PUBLIC = {
    "Geometry": "radiome.image.geometry",
    "Mask": "radiome.image.mask",
    "Settings": "radiome.extraction.settings",
    "Volume": "radiome.image.volume",
    "extract": "radiome.cohort.single",
}

__all__ = ["Geometry", "Mask", "Settings", "Volume", "__version__", "extract"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'radiome' has no attribute '{name}'")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
