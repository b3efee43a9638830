"""Names that tell nothing in place of those of cases and patients."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pandas as pd

#: A name shorter than this is found in every text by chance, and is not looked for.
_SHORTEST = 4
_SHORTEST_NUMBER = 6

#: Names that are words or numbers of any sentence as well.
_PLAIN = re.compile(r"[\d.,+-]+|[a-z]+|.")

#: Names that a sentence lists, some of them of patients that are in no table of the run.
_LISTED = re.compile(r"((?:was|were) left out): [^;\n]*|(no row of) [^;\n]*")

#: Pictures and other data within a page, in which short names turn up by chance.
_ENCODED = re.compile(rb"[A-Za-z0-9+/]{400,}={0,2}")


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of the cases and the patients of a study.

    Parameters
    ----------
    cases, patients : mapping of str to str
        Code by name.
    """

    cases: Mapping[str, str]
    patients: Mapping[str, str]

    @classmethod
    def of(cls, cohort: pd.DataFrame, patient: str) -> Codes:
        """Codes of a cohort: those of its cases, and patients in the order they appear.

        Parameters
        ----------
        cohort : DataFrame
            ``cohort.csv`` of a run, all cells text.
        patient : str
            Column that names the patient.
        """
        cases = dict(zip(cohort["case"], cohort["code"], strict=True))
        names = list(dict.fromkeys(cohort[patient])) if patient in cohort else list(cases)
        width = max(3, len(str(len(names))))
        patients = {name: f"patient-{n:0{width}d}" for n, name in enumerate(names, start=1)}
        return cls(cases, patients)

    def text(self, text: str) -> str:
        """A text with every name, as a whole word, replaced by its code.

        Names that are numbers or words (``12``, ``none``) are replaced where the text says
        that they are names: in quotes, and after ``patient`` or ``case``. Lists of patients
        that were left out are cut off.
        """
        text = _LISTED.sub(lambda found: found[1] or f"{found[2]} some patients", text)
        known = {**self.patients, **self.cases}
        plain = {name for name in known if _PLAIN.fullmatch(name)}
        for names, before, after in (
            (known.keys() - plain, r"(?<![\w-])", r"(?![\w-])"),
            (plain, r"(?:(?<=')|(?<=patient )|(?<=case ))", r"(?![\w-]|\.\d)"),
        ):
            words = sorted(names, key=lambda name: (-len(name), name))
            if words:
                pattern = re.compile(f"{before}({'|'.join(map(re.escape, words))}){after}")
                text = pattern.sub(lambda found: known[found[1]], text)
        return text

    def names(self) -> set[str]:
        """Names that no shared file may hold; very short ones cannot be told from chance."""
        return {
            name
            for name in (*self.cases, *self.patients)
            if len(name) >= (_SHORTEST_NUMBER if name.isdigit() else _SHORTEST)
        }


def holders(paths: Iterable[Path], names: set[str]) -> Iterator[tuple[Path, str]]:
    """Files that hold one of the names, each with the first that was found.

    Archives are looked into, encoded pictures within a page are not.
    """
    if not names:
        return
    # One pass for all names; longer ones first, so that the name told is the whole one.
    pattern = re.compile(
        b"|".join(_bytes_of(name) for name in sorted(names, key=lambda name: (-len(name), name)))
    )
    for path in paths:
        for content in _contents(path):
            found = pattern.search(_ENCODED.sub(b"", content))
            if found is not None:
                yield path, found[0].decode()
                break


def _bytes_of(name: str) -> bytes:
    """A pattern of a name; a number is none within another one, such as among decimals."""
    if name.isdigit():
        return rb"(?<![\w.])" + re.escape(name.encode()) + rb"(?![\w]|\.\d)"
    return b"|".join(re.escape(spelled.encode()) for spelled in sorted(_spellings(name)))


def _spellings(name: str) -> set[str]:
    """A name as it stands in plain text, CSV, JSON and YAML, pages and pictures of them."""
    page = html.escape(name)
    return {
        name,
        name.replace('"', '""'),
        json.dumps(name)[1:-1],
        json.dumps(name, ensure_ascii=False)[1:-1],
        page,
        html.escape(name, quote=False),
        page.replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        name.encode("ascii", "xmlcharrefreplace").decode(),
    }


def _contents(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()
    try:
        with ZipFile(path) as archive:
            for member in archive.namelist():
                yield member.encode()
                yield archive.read(member)
    except BadZipFile:
        return
