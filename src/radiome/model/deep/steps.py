"""The networks of a plan as steps of an outcome, each looked up in the store first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from radiome.model.concordance import bootstrap_weights, estimate
from radiome.model.deep.options import DeepOptions
from radiome.model.deep.out_of_fold import CropRows, averaged, cross_validate_network
from radiome.model.out_of_fold import OutOfFold
from radiome.model.plan import Plan
from radiome.model.step_store import StepStore, fingerprint

#: Told ``(step, done, total)``.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkResult:
    """One network out of fold.

    Parameters
    ----------
    average : OutOfFold
        Mean score over the seeds.
    told : dict
        Weights, spread over the seeds, random labels, as plain values.
    """

    average: OutOfFold
    told: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkSteps:
    """All networks of a plan on one outcome.

    Parameters
    ----------
    rows : CropRows
        Crops of the rows whose outcome is known.
    plan : Plan
        With its section ``deep``.
    store : StepStore
        Where finished steps are kept.
    prefix : str
        Of their files.
    workers : int
        Processes.
    progress : callable
        Called with the step, what is done of it, and all of it.
    """

    rows: CropRows
    plan: Plan
    store: StepStore
    prefix: str
    workers: int
    progress: Progress

    def all(self) -> dict[str, NetworkResult]:
        """Every network by its name on the ladder, ``deep cnn`` and ``deep gru``."""
        options = self.plan.deep
        if options is None:
            return {}
        return {f"deep {network}": self._one(network, options) for network in options.networks}

    def _one(self, network: str, options: DeepOptions) -> NetworkResult:
        draws = [
            self.rows.with_permuted_outcome(self._draw(number))
            for number in range(1, options.random_labels + 1)
        ]
        total = options.seeds + len(draws)
        members = [
            self._step(network, options, self.rows, f"seed_{member}", member, (member - 1, total))
            for member in range(1, options.seeds + 1)
        ]
        drawn = [
            self._step(
                network,
                options,
                rows,
                f"random_labels_{number}",
                1,
                (options.seeds + number, total),
            )
            for number, rows in enumerate(draws)
        ]
        average = averaged(members)
        return NetworkResult(average, self._told(average, members, drawn))

    def _draw(self, number: int) -> int:
        """A seed of its own for each permutation, apart from those of the folds."""
        sequence = np.random.SeedSequence(self.plan.seed, spawn_key=(1_000_000, number))
        return int(sequence.generate_state(1)[0])

    def _step(
        self,
        network: str,
        options: DeepOptions,
        rows: CropRows,
        name: str,
        member: int,
        place: tuple[int, int],
    ) -> OutOfFold:
        validation, training = self.plan.validation, options.training()
        repeats = options.repeats or validation.repeats
        outcome = rows.outcome
        key = fingerprint(
            rows.images,
            rows.patients,
            outcome.values.tobytes().hex(),
            outcome.options.model_dump(),
            training.model_dump(),
            [network, member, validation.folds, repeats, self.plan.seed],
        )
        before, steps = place
        make = lambda: cross_validate_network(  # noqa: E731
            network,
            rows,
            training,
            member=member,
            folds=validation.folds,
            repeats=repeats,
            seed=self.plan.seed,
            workers=self.workers,
            progress=lambda done, total: self.progress(
                f"deep {network}", before * total + done, steps * total
            ),
        )
        return self.store.once(f"{self.prefix}-deep_{network}_{name}", key, outcome, make)

    def _told(
        self, average: OutOfFold, members: Sequence[OutOfFold], drawn: Sequence[OutOfFold]
    ) -> dict[str, Any]:
        weights = bootstrap_weights(
            len(average.patients), self.plan.validation.bootstrap, self.plan.seed
        )
        each = [member.judged().concordance() for member in members]
        random = [estimate(draw.judged(), weights) for draw in drawn]
        told = [record.options for record in average.records]
        return {
            "weights": told[0]["weights"],
            "patients": len(average.patients),
            "repeats": len(average.scores),
            "seeds": {
                "concordance": each,
                "mean": float(np.mean(each)),
                "sd": float(np.std(each, ddof=1)),
                "lowest": min(each),
                "highest": max(each),
            },
            "epochs": float(np.median([record["epochs"] for record in told])),
            "stopped_early": float(np.mean([record.converged for record in average.records])),
            "training_concordance": _training(members),
            "random_labels": {
                "concordance": [draw.as_dict() for draw in random],
                "mean": float(np.mean([draw.value for draw in random])),
                "training_concordance": _training(drawn),
                # By chance one draw in forty lies above; all of them do where labels leak.
                "learned": all(draw.lower > 0.5 for draw in random),
            },
        }


def _training(found: Sequence[OutOfFold]) -> float:
    """Mean concordance on the training rows: how far a network learns them by heart."""
    told = [record.options["training_concordance"] for one in found for record in one.records]
    return float(np.mean(told))
