"""From a manifest and settings to the tasks that workers take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from radiome.cohort.content import Fingerprint
from radiome.cohort.manifest import Case, Manifest
from radiome.cohort.worker import Task, reason_of

if TYPE_CHECKING:
    from radiome.extraction.settings import Settings, SettingsSource


class SettingsPlan:
    """Which settings each case gets: its own, those of the run, or its modality's preset.

    Parameters
    ----------
    source : Settings, mapping, preset name, YAML path or None
        Settings of the run; None for the preset of each image's modality.

    Raises
    ------
    SettingsError
        For settings of the run that cannot be used. Those of a case are its own
        affair: see `fault`.
    """

    def __init__(self, source: SettingsSource = None) -> None:
        from radiome.extraction.settings import load_settings

        self._load = load_settings
        self._run = None if source is None else load_settings(source)
        self._own: dict[str, Settings] = {}
        self._faults: dict[str, str] = {}
        self._plain: dict[str, tuple[dict[str, Any] | None, str]] = {}
        self._presets = _modality_presets()

    def fault(self, case: Case) -> str:
        """Why this case cannot be measured, as its row or its own settings tell; else empty."""
        if case.fault or not case.settings:
            return case.fault
        name = case.settings
        if name not in self._own and name not in self._faults:
            try:
                self._own[name] = self._load(name)
            except Exception as error:
                self._faults[name] = reason_of(error)
        return self._faults.get(name, "")

    def of_case(self, case: Case) -> Settings | None:
        """Settings of a case without fault, or None if its modality will decide."""
        return self._own[case.settings] if case.settings else self._run

    def plain(self, case: Case) -> tuple[dict[str, Any] | None, str]:
        """Those settings as plain values, and their fingerprint.

        They are the same object for all cases that share them: made once, and held and
        sent to a cluster once.
        """
        if case.settings not in self._plain:
            settings = self.of_case(case)
            values = None if settings is None else settings.model_dump()
            self._plain[case.settings] = values, self.fingerprint(settings)
        return self._plain[case.settings]

    def fingerprint(self, settings: Settings | None = None) -> str:
        """Fingerprint of settings; without any, of all the presets that may apply."""
        if settings is not None:
            return settings.fingerprint()
        parts = [f"{name}={preset.fingerprint()}" for name, preset in self._presets.items()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def run_fingerprint(self) -> str:
        """Fingerprint of the settings of the run, apart from the cases' own."""
        return self.fingerprint(self._run)

    def in_full(self, used: Iterable[str]) -> dict[str, dict[str, Any]]:
        """All settings of the run by fingerprint; presets only if a case of `used` got them."""
        seen = set(used)
        stated = [*([self._run] if self._run is not None else []), *self._own.values()]
        presets = {preset.fingerprint(): preset for preset in self._presets.values()}
        chosen = {settings.fingerprint(): settings for settings in stated}
        chosen |= {name: preset for name, preset in presets.items() if name in seen}
        return {name: settings.model_dump() for name, settings in chosen.items()}


def _modality_presets() -> dict[str, Settings]:
    from radiome.extraction.presets import MODALITY_PRESETS
    from radiome.extraction.settings import load_settings

    names = sorted(MODALITY_PRESETS)
    return {name: load_settings(None, modality=name) for name in ("", *names)}


def make_tasks(
    manifest: Manifest,
    settings: SettingsPlan,
    *,
    folder: Path,
    known: Mapping[str, Mapping[str, Fingerprint]],
    **options: Any,
) -> tuple[list[Task], dict[int, str]]:
    """One task for each case that can be measured, in cohort order.

    Parameters
    ----------
    manifest : Manifest
        The cases.
    settings : SettingsPlan
        Which settings each gets.
    folder : Path
        Where results are stored.
    known : mapping
        Fingerprints of input files from earlier runs, by image or mask path.
    **options
        What is the same for all: ``resample_mask``, ``fill_gaps``, ``threads``,
        ``function``, ``run``, ``resume``.

    Returns
    -------
    tasks : list of Task
        Their ``index`` is the position in the cohort.
    faults : dict
        Position and reason of the cases that cannot be measured.
    """
    faults = {index: settings.fault(case) for index, case in enumerate(manifest.cases)}
    tasks = [
        _task(index, case, settings, str(folder), known, options)
        for index, case in enumerate(manifest.cases)
        if not faults[index]
    ]
    return tasks, {index: reason for index, reason in faults.items() if reason}


def _task(
    index: int,
    case: Case,
    plan: SettingsPlan,
    folder: str,
    known: Mapping[str, Mapping[str, Fingerprint]],
    options: Mapping[str, Any],
) -> Task:
    settings, fingerprint = plan.plain(case)
    image, mask = str(case.image), str(case.mask)
    parts = {
        "index": index,
        "image": image,
        "mask": mask,
        "roi": case.roi,
        "modality": case.modality,
        "settings": settings,
        "settings_key": fingerprint,
        "folder": folder,
        "known": {**known.get(image, {}), **known.get(mask, {})},
        **options,
    }
    return cast(Task, parts)
