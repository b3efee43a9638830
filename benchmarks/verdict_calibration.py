"""How often a verdict is wrong: null cohorts made from real features, and planted signals.

    python benchmarks/verdict_calibration.py SHARED/data [--cohorts 100] [--jobs 2] [-o FILE]

Each cohort takes patients and features at random from the glioma table (469 patients, 361
features) and gets an outcome that the features know nothing of, or only through a confounder:

- permuted: an outcome at random;
- scanner: the outcome goes with the scanner (85 % against 15 %), which shifts half of the
  features by one standard deviation; the scanner is declared;
- volume: the log odds of the outcome are 1.5 times the standardised log volume;
- duplicates: an outcome at random, and a fifth of the patients twice under other names.

Any "evidence" on these is false. Planted cohorts add a signal: the outcome follows three
features at random; an oracle that knows the three is judged beside. A naive pipeline, which
selects on all patients before it cross-validates, is run on the same cohorts.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from radiome.model.performance.discrimination import auc_delong
from radiome.model.plan import make_plan
from radiome.model.run import run_plan
from radiome.model.table_building import build_table

NULLS = ("permuted", "scanner", "volume", "duplicates")
PATIENTS = (40, 80, 150)
FEATURES = (30, 120, 360)
PREVALENCES = (0.3, 0.5)


def read_features(data: Path) -> pd.DataFrame:
    tables = [
        pd.read_csv(data / "tables" / f"glioma_t2f_{name}.csv.gz", index_col="PatientID")
        for name in ("morph", "intensity", "texture")
    ]
    whole = pd.concat(tables, axis=1)
    whole = whole.loc[:, whole.nunique() > 10].replace([np.inf, -np.inf], np.nan)
    return whole.dropna(axis=1).rename(columns={"radVar1": "morph_volume"})


def make_cohort(whole: pd.DataFrame, kind: str, seed: int, strength: float = 0.0) -> dict:
    rng = np.random.default_rng(seed)
    n, p = int(rng.choice(PATIENTS)), int(rng.choice(FEATURES))
    prevalence = float(rng.choice(PREVALENCES))
    frame = whole.sample(n, random_state=int(rng.integers(2**31)))
    others = [name for name in frame.columns if name != "morph_volume"]
    chosen = rng.choice(others, min(p, len(others)), replace=False).tolist()
    frame = frame[["morph_volume", *chosen]].reset_index(drop=True)
    positive = np.zeros(n, bool)
    positive[rng.permutation(n)[: max(12, round(prevalence * n))]] = True
    extra, signal = {}, []
    if kind == "scanner":
        scanner = np.where(rng.random(n) < np.where(positive, 0.85, 0.15), "A", "B")
        moved = rng.choice(chosen, len(chosen) // 2, replace=False)
        frame[moved] += np.outer(scanner == "A", frame[moved].std())
        extra = {"scanner": scanner}
    if kind == "volume":
        positive = drawn(rng, 1.5 * standard(np.log(frame["morph_volume"])), prevalence)
    if kind == "planted":
        signal = rng.choice(chosen, 3, replace=False).tolist()
        ranks = frame[signal].rank().to_numpy()
        direction = standard(standard(ranks).sum(axis=1))
        positive = drawn(rng, strength * direction, prevalence)
    named = pd.DataFrame({**extra, "patient": [f"p{k}" for k in range(n)]})
    frame = pd.concat([frame, named], axis="columns")
    if kind == "duplicates":
        copies = rng.choice(n, n // 5, replace=False)
        twice = frame.iloc[copies].assign(patient=[f"q{k}" for k in copies])
        noise = 1 + 1e-5 * rng.standard_normal((len(copies), 1 + len(chosen)))
        twice[["morph_volume", *chosen]] *= noise
        frame = pd.concat([frame, twice], ignore_index=True)
        positive = np.concatenate([positive, positive[copies]])
    outcome = pd.DataFrame({"patient": frame["patient"], "y": positive.astype(int).astype(str)})
    return {"frame": frame, "outcome": outcome, "signal": signal, "n": n, "p": len(chosen) + 1}


def standard(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


def drawn(rng, logit, prevalence):
    """Outcomes with these log odds, shifted to the prevalence."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        share = np.mean(1 / (1 + np.exp(-(logit + middle))))
        low, high = (middle, high) if share < prevalence else (low, middle)
    positive = rng.random(len(logit)) < 1 / (1 + np.exp(-(logit + low)))
    for place in rng.permutation(len(logit))[:12]:
        if positive.sum() < 12:
            positive[place] = True
    return np.asarray(positive)


def verdict(cohort: dict, kind: str, seed: int, features=None) -> dict:
    acquisition = ["scanner"] if kind == "scanner" else []
    columns = {"acquisition": acquisition}
    if features:
        columns["include"] = features
    values = {
        "outcomes": {"name": "y", "kind": "binary", "positive": "1"},
        "columns": columns,
        "validation": {"repeats": 3, "bootstrap": 1000},
        "null": {"permutations": 199, "stop_after": 5},
        "seed": seed,
    }
    if features:
        values["select"] = []
    plan = make_plan(values)
    with tempfile.TemporaryDirectory() as folder:
        table = build_table(cohort["frame"], None, cohort["outcome"], plan)
        found = run_plan(table, plan, folder).outcomes[0]
    failed = [g.number for g in found.verdict.gates if g.status == "FAIL"]
    figures = found.figures["concordance"]["features"]
    null = found.evaluation.null
    return {
        "word": found.verdict.word,
        "p": null.p,
        "permutations": null.done,
        "concordance": figures["value"],
        "failed": failed,
    }


def naive(cohort: dict) -> dict:
    """Select the ten best features on all patients, then cross-validate, as is often published."""
    y = cohort["outcome"]["y"].astype(int).to_numpy()
    values = cohort["frame"].select_dtypes("number").to_numpy()
    scores = np.array([abs(roc_auc_score(y, column) - 0.5) for column in values.T])
    best = StandardScaler().fit_transform(values[:, np.argsort(-scores)[:10]])
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = LogisticRegression(max_iter=1000)
    risk = cross_val_predict(model, best, y, cv=folds, method="predict_proba")[:, 1]
    found = auc_delong(y, risk)
    return {"auc": found.value, "evidence": bool((found.lower or 0) > 0.5)}


def one(whole: pd.DataFrame, kind: str, seed: int, strength: float) -> dict:
    cohort = make_cohort(whole, kind, seed, strength)
    start = time.perf_counter()
    found = verdict(cohort, kind, seed)
    seconds = time.perf_counter() - start
    told = {
        "kind": kind,
        "seed": seed,
        "strength": strength,
        "n": cohort["n"],
        "features": cohort["p"],
    }
    told |= {"seconds": round(seconds, 2), **found, "naive": naive(cohort)}
    if cohort["signal"]:
        told["oracle"] = verdict(cohort, kind, seed, cohort["signal"])["word"]
    return told


def share(hits: int, n: int) -> str:
    low = beta.ppf(0.025, hits, n - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1.0
    return f"{hits}/{n} = {100 * hits / n:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def summarise(results: list[dict]) -> None:
    groups: dict[tuple, list[dict]] = {}
    for result in results:
        groups.setdefault((result["kind"], result["strength"]), []).append(result)
    nulls = [result for result in results if result["kind"] in NULLS]
    if nulls:
        groups["all nulls", 0.0] = nulls
    for (kind, strength), found in groups.items():
        n = len(found)
        line = f"{kind:11s} {strength:3.1f}  evidence {share(words(found, 'evidence'), n)}"
        line += f"  weak {words(found, 'weak')}"
        line += f"  naive {share(sum(r['naive']['evidence'] for r in found), n)}"
        if "oracle" in found[0]:
            line += f"  oracle {share(sum(r['oracle'] == 'evidence' for r in found), n)}"
        print(line, f" {np.mean([r['seconds'] for r in found]):.1f} s each", flush=True)


def words(found: list[dict], word: str) -> int:
    return sum(result["word"] == word for result in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cohorts", type=int, default=100, help="Of each kind.")
    parser.add_argument("--kinds", nargs="*", choices=NULLS, default=list(NULLS))
    parser.add_argument("--planted", type=int, default=40, help="Of each strength.")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-o", "--out", type=Path, help="A line per cohort; goes on from there.")
    chosen = parser.parse_args()
    whole = read_features(chosen.data)
    jobs = [(kind, seed, 0.0) for kind in chosen.kinds for seed in range(chosen.cohorts)]
    jobs += [("planted", seed, s) for s in (1.0, 2.0, 3.0) for seed in range(chosen.planted)]
    results = []
    if chosen.out and chosen.out.is_file():
        results = [json.loads(line) for line in chosen.out.read_text().splitlines()]
    done = {(result["kind"], result["seed"], result["strength"]) for result in results}
    jobs = [job for job in jobs if job not in done]
    pool = Parallel(chosen.jobs, return_as="generator_unordered", inner_max_num_threads=1)
    for result in pool(delayed(one)(whole, *job) for job in jobs):
        results.append(result)
        if chosen.out:
            with chosen.out.open("a") as file:
                file.write(json.dumps(result) + "\n")
        if sys.stderr.isatty():
            print(f"\r{len(results)}/{len(jobs)}", end="", file=sys.stderr)
    summarise(sorted(results, key=lambda r: (r["kind"], r["strength"], r["seed"])))


if __name__ == "__main__":
    main()
