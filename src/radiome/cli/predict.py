"""`radiome predict`: a locked model on other patients."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("predict")
@click.argument("model_file", metavar="MODEL", type=click.Path(path_type=Path))
@click.argument("features", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="CSV file of predictions."
)
@click.option(
    "--outcome",
    "outcomes",
    type=click.Path(path_type=Path),
    help="CSV file with one row per patient: tell the performance too.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.1,
    show_default=True,
    help="Distance beyond the training range, as a share of it, that is still in scope.",
)
@click.option(
    "--allow-other-settings",
    is_flag=True,
    help="Predict features of other extraction settings too, all out of scope.",
)
@click.option(
    "--recalibrated", is_flag=True, help="Add the predictions after the stored recalibration."
)
def predict(
    model_file: Path,
    features: Path,
    *,
    out: Path,
    outcomes: Path | None,
    tolerance: float,
    allow_other_settings: bool,
    recalibrated: bool,
) -> None:
    """Predict the rows of a feature table with a locked model; nothing is fitted.

    \b
    radiome predict study/models/response.radiome NEW_RUN -o predictions.csv

    FEATURES is a run folder or a CSV file. Each row gets a status: in_scope, out_of_scope or
    refused, with the reasons. With --outcome the performance is printed and written to
    performance.json beside the predictions.
    """
    import warnings

    from radiome.model.locked.external_performance import external_performance
    from radiome.model.locked.feature_rows import read_rows, with_outcome_columns
    from radiome.model.locked.model_file import read_model
    from radiome.model.locked.prediction import predict as predict_rows
    from radiome.model.locked.prediction_output import (
        performance_text,
        summary_text,
        write_predictions,
    )
    from radiome.model.locked.source import describe_source
    from radiome.model.outcome_reading import read_table
    from radiome.tables.atomic import write_json

    if out.is_dir():
        raise click.BadParameter(
            f"{out} is a folder; give a file, such as {out / 'predictions.csv'}", param_hint="--out"
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        model = read_model(model_file)
    for warning in caught:
        click.echo(f"warning: {warning.message}", err=True)
    frame = read_rows(features)
    told = None if outcomes is None else read_table(outcomes)
    if told is not None:
        frame = with_outcome_columns(frame, told, model)
    predictions = predict_rows(
        model,
        frame,
        source=describe_source(features),
        where=str(features),
        tolerance=tolerance,
        allow_other_settings=allow_other_settings,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_predictions(predictions, out, recalibrated=recalibrated)
    click.echo(summary_text(predictions))
    if told is not None:
        where = (str(features), str(outcomes))
        performance = external_performance(predictions, frame, told, where=where)
        write_json(out.with_name("performance.json"), performance, indent=1)
        click.echo(performance_text(performance))
    click.echo(str(out), err=True)
