"""`radiome discovery`: what a finding is worth, and how many patients a model needs."""

from __future__ import annotations

import json
from typing import Any

import click

from radiome.base.counting import counted


@click.group()
def discovery() -> None:
    """Count what was tried, correct the best p, plan the number of patients."""


@discovery.command()
@click.option("--features", type=int, required=True, help="Candidates, all that were tried.")
@click.option("--patients", type=int, required=True)
@click.option("--events", type=int, help="Patients with the event.")
@click.option("--cutpoints", default="1", help="Tried per feature: a number, or 'all'.")
@click.option("--outcomes", type=int, default=1)
@click.option("--subgroups", type=int, default=1)
@click.option("--effective", type=float, help="Effective number of independent hypotheses.")
@click.option("--trim", type=float, default=0.1, help="Left out at each end of the cut-points.")
@click.option("--alpha", type=float, default=0.05)
@click.option("--p", "p_best", type=float, help="Smallest p that was reported.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def audit(
    features: int,
    patients: int,
    *,
    events: int | None,
    cutpoints: str,
    outcomes: int,
    subgroups: int,
    effective: float | None,
    trim: float,
    alpha: float,
    p_best: float | None,
    as_json: bool,
) -> None:
    """Say how many findings chance alone gives, and what the best p is worth.

    \b
    radiome discovery audit --features 1200 --patients 80 --events 30 \\
        --cutpoints 10 --p 0.003
    """
    from radiome.model.discovery.audit import audit_study
    from radiome.model.discovery.audit_text import rows
    from radiome.model.discovery.trials import Trials

    trials = Trials(
        features=features,
        cutpoints=_cutpoints(cutpoints),
        outcomes=outcomes,
        subgroups=subgroups,
        effective=effective,
        trim=trim,
    )
    found = audit_study(trials, patients=patients, events=events, alpha=alpha, p_best=p_best)
    _print(found.as_dict(), rows(found), found.sentence, as_json=as_json)


@discovery.command("sample-size")
@click.option("--outcome", type=click.Choice(["binary", "continuous", "survival"]), required=True)
@click.option("--parameters", type=int, required=True, help="Candidates, before selection.")
@click.option("--r2", type=float, help="Expected R-squared (Cox and Snell's; adjusted).")
@click.option("--auc", type=float, help="Expected AUC, in place of R-squared (binary).")
@click.option("--prevalence", type=float, help="Share with the event (binary).")
@click.option("--rate", type=float, help="Events per unit of time (survival).")
@click.option("--horizon", type=float, help="Time of the prediction (survival).")
@click.option("--mean-follow-up", type=float, help="In the same unit (survival).")
@click.option("--intercept", type=float, help="Mean of the outcome (continuous).")
@click.option("--deviation", type=float, help="Standard deviation of the outcome (continuous).")
@click.option("--shrinkage", type=float, default=0.9, show_default=True)
@click.option("--patients", type=int, help="At hand: say how many parameters they allow.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sample_size(
    outcome: str, parameters: int, patients: int | None, as_json: bool, **given: float | None
) -> None:
    """Say how many patients are needed to develop a model (Riley 2019, 2020).

    \b
    radiome discovery sample-size --outcome binary --parameters 24 \\
        --prevalence 0.174 --r2 0.288
    radiome discovery sample-size --outcome survival --parameters 30 --r2 0.051 \\
        --rate 0.065 --horizon 2 --mean-follow-up 2.07
    """
    from radiome.model.discovery.validation_size import most_parameters

    values = {name: value for name, value in given.items() if value is not None}

    def needed(number: int) -> Any:
        return _size(outcome, number, dict(values))

    found = needed(parameters)
    result = found.as_dict()
    rows = [(f"{item.name} criterion", str(item.patients)) for item in found.criteria]
    rows.append(("patients needed", str(found.patients)))
    if found.events is not None:
        rows.append(("events among them", str(found.events)))
        rows.append(("events per parameter", f"{found.events_per_parameter:.2f}"))
    sentence = found.sentence
    if patients is not None:
        result["most_parameters"] = most = most_parameters(patients, needed)
        allow = counted(patients, "patient allows", "patients allow")
        at_most = counted(most, "candidate parameter") if most else "no candidate parameters"
        sentence += f" {allow} {at_most}."
    _print(result, rows, sentence, as_json=as_json)


def _size(outcome: str, parameters: int, values: dict[str, float]) -> Any:
    from radiome.model.discovery import sample_size as sizes
    from radiome.model.discovery.explained_variation import r2_of_auc

    takes: dict[str, tuple[Any, set[str], set[str]]] = {
        "binary": (sizes.binary_sample_size, {"prevalence"}, set()),
        "continuous": (sizes.continuous_sample_size, set(), {"intercept", "deviation"}),
        "survival": (sizes.survival_sample_size, {"rate", "horizon", "mean_follow_up"}, set()),
    }
    function, required, optional = takes[outcome]
    if outcome == "binary" and "r2" not in values and {"auc", "prevalence"} <= set(values):
        values["r2"] = r2_of_auc(values.pop("auc"), values["prevalence"])
    required, optional = required | {"r2"}, optional | {"shrinkage"}
    absent, foreign = required - set(values), set(values) - required - optional
    if absent:
        other = " (or --auc)" if outcome == "binary" and "r2" in absent else ""
        raise click.UsageError(f"--outcome {outcome} needs {_options(absent)}{other}")
    if foreign:
        raise click.UsageError(f"--outcome {outcome} does not take {_options(foreign)} here")
    return function(parameters, **values)


@discovery.command("detectable-auc")
@click.option("--patients", type=int, required=True)
@click.option("--events", type=int, required=True, help="Patients with the event.")
@click.option("--features", type=click.IntRange(min=1), default=1, help="Tested, for Bonferroni.")
@click.option("--alpha", type=float, default=0.05, show_default=True)
@click.option("--power", type=float, default=0.8, show_default=True)
@click.option(
    "--variance", type=click.Choice(["hanley-mcneil", "obuchowski"]), default="hanley-mcneil"
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def least_auc(
    patients: int,
    events: int,
    *,
    features: int,
    alpha: float,
    power: float,
    variance: Any,
    as_json: bool,
) -> None:
    """Say which AUC so many patients can tell from chance."""
    from radiome.model.discovery.detectable_auc import detectable_auc

    if not 0 < events < patients:
        raise click.UsageError(f"--events must be between 1 and {patients - 1}")
    least = detectable_auc(
        events, patients - events, alpha=alpha / features, power=power, variance=variance
    )
    result = {
        "detectable_auc": least,
        "alpha": alpha / features,
        "power": power,
        "variance": variance,
    }
    text = "none" if least is None else f"{least:.3f}"
    _print(result, [("least AUC found", text)], None, as_json=as_json)


def _cutpoints(text: str) -> Any:
    if text == "all":
        return text
    try:
        return int(text)
    except ValueError:
        raise click.UsageError(f"--cutpoints is a whole number or 'all', not '{text}'") from None


def _options(names: set[str]) -> str:
    return ", ".join("--" + name.replace("_", "-") for name in sorted(names))


def _print(
    values: dict[str, Any], rows: list[tuple[str, str]], sentence: str | None, *, as_json: bool
) -> None:
    if as_json:
        click.echo(json.dumps(values, indent=2))
        return
    width = max(len(label) for label, _ in rows)
    for label, text in rows:
        click.echo(f"{label:<{width}}  {text}")
    if sentence:
        click.echo(f"\n{sentence}")
