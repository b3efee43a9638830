"""Draw the picture of the README from a real demo run: python docs/make_picture.py DEMO_DIR."""

import io
import re
import sys
from pathlib import Path

from rich.console import Console

from radiome.cli.demo import comparison
from radiome.tables.feature_table import FeatureTable

OUT = Path(__file__).parent / "images" / "demo.svg"


def main(folder: Path) -> None:
    """Write the comparison table of a demo run as SVG."""
    table = comparison(FeatureTable.read(folder / "results").frame)
    needed = Console(width=1000).measure(table).maximum
    console = Console(record=True, width=needed, file=io.StringIO())
    console.print(table)
    svg = console.export_svg(title="radiome demo", clear=False)
    # The fonts of the reader do; nothing is fetched from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    OUT.write_text(svg.replace("Fira Code", "monospace"), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
