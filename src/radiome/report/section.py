"""What a section of the report is: words and numbers for a template, and live charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from radiome.report.downloads import Downloads
from radiome.report.figures import Gallery


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report.

    Parameters
    ----------
    name : str
        Anchor in the page, and name of its template.
    title : str
        Heading.
    content : mapping
        What the template is filled with.
    data : mapping of str to object
        Plain values that scripts of the page read, by the name that they ask for.
    """

    name: str
    title: str
    content: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Output:
    """Where sections leave pictures and files.

    Parameters
    ----------
    gallery : Gallery
        Pictures in the page.
    downloads : Downloads
        Files beside it.
    """

    gallery: Gallery = field(default_factory=Gallery)
    downloads: Downloads = field(default_factory=Downloads)
