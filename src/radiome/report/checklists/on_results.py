"""What the results tell: gates, baselines, intervals, calibration, utility."""

from __future__ import annotations

from radiome.report.checklists.answers import (
    Answer,
    Judge,
    done,
    for_author,
    not_applicable,
    not_done,
)
from radiome.report.checklists.facts import Record
from radiome.report.checklists.judging import counts_of, every, gates

#: Figures that count errors at a decision, or suit outcomes that have none.
_ERRORS = {
    "binary": ("training_threshold",),
    "multiclass": ("classes",),
    "ordinal": ("weighted_kappa", "somers_d"),
    "continuous": ("errors",),
    "count": ("errors",),
    "survival": ("harrell", "uno"),
}


partition_proper = gates(1)
dimension_suits_size = gates(9)
confounders_handled = gates(3, 5)

sample_size = every(
    lambda o: o.needed is not None,
    "figures.sample_size",
    yes=lambda o: f"{o.patients} patients, {o.needed} needed (Riley)",
    no="no criterion of sample size",
)
discrimination = every(
    lambda o: "features" in o.compared and o.permutations is not None,
    "figures.concordance, null",
    yes="concordance with interval, and p of the permutation test",
    no="no concordance with interval",
)
uncertainty = every(
    lambda o: "features" in o.compared,
    "figures.concordance",
    yes="95 % intervals by bootstrap over patients",
    no="no interval",
)
errors_counted = every(
    lambda o: bool(set(_ERRORS.get(o.kind, ())) & o.defined),
    "figures.performance",
    yes="figures that suit the kind of outcome, errors at the training threshold among them",
    no="no figures of error",
)
calibration = every(
    lambda o: "calibration" in o.defined,
    "figures.performance.calibration",
    yes="calibration out of fold, with intervals",
    no="not calibrated or not looked at",
)
utility = every(
    lambda o: "decision_curve" in o.defined,
    "figures.performance.decision_curve",
    yes="decision curve",
    no="no decision curve",
)
clinical_comparison = every(
    lambda o: "clinical" in o.compared,
    "figures.concordance.clinical",
    yes="clinical facts alone on the same folds, and the gain over them",
    no="no clinical facts to compare with",
)
combined_model = every(
    lambda o: "clinical_and_features" in o.compared,
    "figures.concordance.clinical_and_features",
    yes="clinical facts and features in one model",
    no="no model of clinical facts and features",
)
clinical_and_combined = every(
    lambda o: {"clinical", "clinical_and_features"} <= o.compared,
    "figures.concordance",
    yes="clinical facts alone, and with the features",
    no="not compared with clinical facts",
)
simple_baseline = every(
    lambda o: bool({"volume", "random_features"} & o.compared),
    "figures.concordance",
    yes="volume alone or random columns on the same folds",
    no="no simple baseline",
)
comparison_tested = every(
    lambda o: bool(o.gains),
    "figures.gain",
    yes="gains over every baseline with intervals of paired bootstrap samples",
    no="no gain with interval",
)
explained = every(
    lambda o: bool(o.explained),
    "figures.importance, figures.shap",
    yes="importance of clusters of features, out of fold",
    no="no importance and no Shapley values",
)
counted = every(
    lambda o: o.patients is not None,
    "outcome",
    yes=counts_of,
    no="no counts",
)


def output_and_threshold(record: Record) -> Answer:
    """What the model gives out, and where decisions come from."""
    binary = [outcome for outcome in record.modelled if outcome.kind == "binary"]
    if not record.modelled:
        return for_author("no modelled outcome on record")
    where = f"{record.results}: outcomes[].figures.performance.training_threshold"
    if all("training_threshold" in outcome.defined for outcome in binary):
        return done("risks or scores; thresholds from the training patients of each fold", where)
    return for_author("the threshold of a decision is not on record", where)


def heterogeneity(record: Record) -> Answer:
    """Performance at sites that were left out in turn."""
    where = f"{record.results}: outcomes[].figures.left_out_sites"
    if not record.modelled or record.sites is None:
        return for_author("sites are not on record", where)
    if record.sites < 2:
        return not_applicable("one site", where)
    lacking = [o.name for o in record.modelled if not o.left_out_sites]
    if lacking:
        return not_done("sites were not left out in turn: " + ", ".join(lacking), where)
    return done("each site predicted by models of the others", where)


def resampled(judge: Judge) -> Judge:
    """A judge: as `judge`, and out of fold or over bootstrap samples."""

    def both(record: Record) -> Answer:
        found = judge(record)
        validation = record.plan.get("validation")
        if not validation:
            return for_author("no validation on record")
        where = f"{record.results}: plan.validation"
        told = f"{found.evidence}; {validation['folds']} folds, {validation['bootstrap']} samples"
        return Answer(found.status, told, f"{found.where}; {where}")

    return both


def risks_on_file(record: Record) -> Answer:
    """A continuous risk of every patient, not only a cut-off."""
    where = f"analyses/{record.analysis}/model/predictions.csv"
    if not record.modelled:
        return for_author("no modelled outcome on record", where)
    if record.predictions:
        return done("the risk of every patient, out of fold", where)
    return not_done("no predictions on file", where)


def internal_test(record: Record) -> Answer:
    """Every patient predicted by models that never saw them."""
    validation = record.plan.get("validation")
    if not record.modelled or not validation:
        return for_author("no modelled outcome on record")
    found = partition_proper(record)
    told = f"{validation['folds']} outer folds, {validation['repeats']} repeats; {found.evidence}"
    return Answer(found.status, told, found.where)


def external_test(record: Record) -> Answer:
    """A locked model at sites that had no part in the study."""
    where = "stated by the author"
    if record.external_sites is None:
        inside = heterogeneity(record)
        told = "no file tells of patients of other institutions"
        if inside.evidence:
            told += f"; inside the study: {inside.evidence}"
        return for_author(told, inside.where)
    if record.external_sites == 0:
        return not_done("no other institution", where)
    return done(f"{record.external_sites} other institutions", where)


def confounders_examined(record: Record) -> Answer:
    """Scanner, protocol, site and volume were examined, whatever was found."""
    where = f"{record.results}: outcomes[].gates (3, 5)"
    if not record.modelled:
        return for_author("no modelled outcome on record", where)
    found = {outcome.gates.get(n, "UNKNOWN") for outcome in record.modelled for n in (3, 5)}
    told = "scanner, protocol or site (gate 3), volume and clinical facts (gate 5)"
    if "UNKNOWN" in found:
        return for_author(f"not all could be examined: {told}", where)
    return done(told, where)
