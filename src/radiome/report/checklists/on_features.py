"""What the tables of trust tell: robustness, redundancy, statistics of features."""

from __future__ import annotations

from radiome.report.checklists.answers import Answer, done, for_author, not_done
from radiome.report.checklists.facts import Record
from radiome.report.checklists.judging import gates


def robust_features(record: Record) -> Answer:
    """Features that repeated measurements do not reproduce were left out."""
    where = f"analyses/{record.analysis}/trust.csv: repeatability_icc"
    if record.repeatable is None:
        return for_author()
    if record.columns("exclude") and not record.repeatable:
        told = f"left out beforehand: {', '.join(record.columns('exclude'))}; say why"
        return for_author(told, f"{record.results}: plan.columns.exclude")
    if not record.repeatable:
        return not_done("no repeated measurements in the study", where)
    return gates(7)(record)


def robustness_assessed(record: Record) -> Answer:
    """How robustness of features was assessed."""
    where = f"analyses/{record.analysis}/trust.csv: repeatability_icc"
    if record.repeatable is None:
        return for_author()
    if record.repeatable:
        return done(f"intraclass correlation of {record.repeatable} features", where)
    return not_done("no repeated measurements in the study", where)


def collinearity(record: Record) -> Answer:
    """Correlation between features."""
    where = f"analyses/{record.analysis}/clusters.csv"
    if record.clusters is None:
        return for_author()
    return done(f"{record.clusters} clusters of correlated features", where)


def feature_statistics(record: Record) -> Answer:
    """Table of trust: repeatability, dependence on volume, cluster, how often selected."""
    if record.repeatable is None:
        return for_author()
    return done("one row for each feature", f"analyses/{record.analysis}/trust.csv")
