"""What the plan tells of partitions, preparation, selection and learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from radiome.model.plan import DEFAULT_LEARNERS
from radiome.report.checklists.answers import (
    Answer,
    Judge,
    done,
    for_author,
    not_applicable,
    not_done,
)
from radiome.report.checklists.facts import OutcomeFacts, Record
from radiome.report.checklists.judging import counts_of
from radiome.report.words import counted, moment

#: Selectors that leave out what others already say.
REDUNDANCY = ("cluster_representatives", "mrmr")

Plan = Mapping[str, Any]


def planned(key: str, told: Callable[[Plan], str]) -> Judge:
    """A judge: the plan says it, and the methods text repeats it.

    Parameters
    ----------
    key : str
        Key of the plan.
    told : callable
        From the plan to what it says.
    """

    def judge(record: Record) -> Answer:
        if not record.plan or not record.modelled:
            return for_author("no modelled outcome on record")
        return done(told(record.plan), f"{record.results}: plan.{key}")

    return judge


def split_words(plan: Plan) -> str:
    """How patients were split."""
    chosen = plan["validation"]
    return (
        f"nested cross-validation by patient: {chosen['folds']} outer folds, "
        f"{chosen['repeats']} repeats, {chosen['inner_folds']} inner folds"
    )


def missing_words(plan: Plan) -> str:
    """What became of missing features."""
    if plan["preparation"]["missing"] == "refuse":
        return "missing features were refused"
    return "missing features filled with the median of the training patients"


def scaling_words(plan: Plan) -> str:
    """How features were scaled."""
    names = {
        "standard": "mean 0 and standard deviation 1",
        "robust": "median and interquartile range",
        "power": "Yeo-Johnson",
        "none": "features were not scaled",
    }
    return names[plan["preparation"]["scale"]] + ", fitted on the training patients"


def selection_words(plan: Plan) -> str:
    """How features were selected."""
    names = [str(step["name"]).replace("_", " ") for step in plan["select"]]
    if not names:
        return "no selection: the learner saw all features"
    return ", then ".join(names) + ", refitted in every fold"


def tuning_words(plan: Plan) -> str:
    """How options were chosen."""
    return (
        f"options tuned in {plan['validation']['inner_folds']} inner folds; of those within one "
        "standard error of the best the simplest"
    )


def harmonisation_words(plan: Plan) -> str:
    """Whether features were harmonised."""
    if not plan.get("harmonise"):
        return "no harmonisation"
    return f"ComBat over {plan['harmonise']['batch']}, fitted on the training patients"


def algorithm(record: Record) -> Answer:
    """The learner of each outcome."""
    if not record.plan or not record.modelled:
        return for_author("no modelled outcome on record")
    told = "; ".join(f"{o.name}: {learner_of(record, o)}" for o in record.modelled)
    return done(told.replace("_", " "), f"{record.results}: plan.learner")


def learner_of(record: Record, outcome: OutcomeFacts) -> str:
    """Name of the learner of an outcome, the default one where the plan names none."""
    chosen = record.plan.get("learner")
    return str(chosen["name"]) if chosen else DEFAULT_LEARNERS[outcome.kind]


def whole_procedure(record: Record) -> Answer:
    """Type of model, all steps of building it, tuning and internal validation."""
    learner = algorithm(record)
    if not learner.evidence or not record.plan or not record.modelled:
        return learner
    parts = (learner.evidence, selection_words(record.plan), tuning_words(record.plan))
    return done("; ".join((*parts, split_words(record.plan))), f"{record.results}: plan")


def redundancy_removed(record: Record) -> Answer:
    """Features that say the same were left out."""
    where = f"{record.results}: plan.select"
    if not record.plan:
        return for_author()
    found = [name for name in record.selectors if name in REDUNDANCY]
    if found:
        return done(", ".join(found).replace("_", " "), where)
    return not_done("no step of the selection looks at redundancy", where)


def reduced_or_adjusted(record: Record) -> Answer:
    """Features were reduced, or tests adjusted for their number."""
    where = f"{record.results}: plan.select"
    if not record.plan:
        return for_author()
    if record.selectors:
        return done(selection_words(record.plan), where)
    return not_done("no selection and no tests that were adjusted", where)


def imbalance(record: Record) -> Answer:
    """Patients of each class, and whether anything was done about their numbers."""
    if not record.modelled:
        return for_author("no modelled outcome on record")
    where = f"{record.results}: outcomes[].outcome"
    classed = [o for o in record.modelled if o.kind not in ("continuous", "count")]
    if not classed:
        return not_applicable("no outcome with classes", where)
    if not all(o.classes or o.events is not None for o in classed):
        return for_author("numbers of classes or events are not on record", where)
    told = "; ".join(f"{o.name}: {counts_of(o)}" for o in classed)
    return done(f"{told}; folds were stratified, classes not resampled", where)


def predictors_defined(record: Record) -> Answer:
    """All predictors and how they were measured."""
    where = "extraction/catalogue.csv: ibsi_code, source"
    if not record.features or not record.settings or not record.plan:
        return for_author()
    clinical = record.columns("clinical")
    if clinical:
        told = f"features by IBSI code; for the author: {', '.join(clinical)}"
        return for_author(told, where)
    return done(f"{record.features} features, each by IBSI code or formula", where)


def models_written(record: Record) -> Answer:
    """The whole model, in a file that predicts new patients."""
    where = f"analyses/{record.analysis}/model/models"
    if record.models is None:
        return for_author()
    if record.models >= len(record.modelled) > 0:
        return done(f"{counted(record.models, 'locked model')} for 'radiome predict'", where)
    return not_done(f"{record.models} models of {len(record.modelled)} outcomes", where)


def no_updating(record: Record) -> Answer:
    """Nothing was updated: models of a study are fitted anew."""
    if not record.modelled:
        return for_author()
    return not_applicable("no existing model was evaluated or updated", f"{record.results}: plan")


def same_patients(record: Record) -> Answer:
    """Development and evaluation on the same patients, out of fold."""
    if not record.modelled or record.external_sites:
        return for_author()
    return not_applicable(
        "evaluated out of fold on the patients of the development", f"{record.results}: plan"
    )


def handcrafted(record: Record) -> Answer:
    """No network from the image to the outcome."""
    if not record.features:
        return for_author()
    return not_applicable("features are hand-crafted", "extraction/catalogue.csv")


def plan_locked(record: Record) -> Answer:
    """The plan as a file, and its lock."""
    if not record.locked:
        return for_author("the plan is in study.yaml; it was not locked", "study.yaml")
    changes = "deviations are not on record"
    if record.deviations is not None:
        changes = counted(record.deviations, "deviation")
    told = f"locked {moment(record.locked)}, {changes}"
    return done(told, "study.yaml, lock.json, deviations.json")
