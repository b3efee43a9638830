"""The study of the public soft-tissue sarcoma cohort, from images to its report.

    python benchmarks/sarcoma_study.py DATA OUT [--jobs N]

DATA is the folder with STS_001 and so on, each with images and masks as NIfTI, and
outcome.csv (lung metastasis). PET of all 30 patients is the primary analysis; CT and T1 MR of
the 12 patients who have them are exploratory. OUT gets cohort.csv, study.yaml and
run/report.html.

Source of the data: Vallieres et al. 2015, Phys Med Biol 60:5471; TCIA Soft-tissue-Sarcoma,
CC BY 3.0, as prepared for the IBSI validation.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from radiome.cli.study import run_and_report, summary_lines
from radiome.tables.files import write_records

_IMAGES = {"PET": "PT", "CT": "CT", "MR_T1": "MR"}

_HEAD = """\
title: Lung metastasis of soft-tissue sarcoma
cohort: cohort.csv
outcomes: outcomes.csv
controls: {images: [shuffled_roi, randomised_roi]}
analyses:
"""

_ANALYSIS = """\
- name: %s
  role: %s
  where: {modality: %s}
  plan:
    outcomes:
    - name: lung_metastasis
      kind: binary
      positive: 1
      reference_standard: clinical_follow_up
    columns: {patient: patient}
    validation: {folds: 5, repeats: 10}
    null: {permutations: 999}
"""


def write_study(data: Path, out: Path) -> Path:
    """Write cohort table, outcome table and protocol; return the last."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for image in sorted(data.resolve().glob("STS_*/*_image.nii.gz")):
        kind = image.name.removesuffix("_image.nii.gz")
        rows.append(
            {
                "case": f"{image.parent.name}_{kind}",
                "image": str(image),
                "mask": str(image.with_name(f"{kind}_mask.nii.gz")),
                "modality": _IMAGES[kind],
                "patient": image.parent.name,
            }
        )
    write_records(out / "cohort.csv", rows, tuple(rows[0]))
    shutil.copyfile(data / "outcome.csv", out / "outcomes.csv")
    roles = {"PT": "primary", "CT": "exploratory", "MR": "exploratory"}
    analyses = "".join(_ANALYSIS % (name, role, name) for name, role in roles.items())
    (out / "study.yaml").write_text(_HEAD + analyses, encoding="utf-8")
    return out / "study.yaml"


def main() -> None:
    """Run the study and say what it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int)
    chosen = parser.parse_args()
    protocol = write_study(chosen.data, chosen.out)
    for line in summary_lines(run_and_report(protocol, chosen.out / "run", jobs=chosen.jobs)):
        print(line)


if __name__ == "__main__":
    main()
