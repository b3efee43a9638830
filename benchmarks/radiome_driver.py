"""radiome beside its peers: one process, one JSON line.

It follows the frame of the peer drivers (`common.py` of the shared bench folder, found through
PYTHONPATH): file in, all original-image features in 3D out, without resampling.
"""

import common


def settings_for(config):
    bins = config.get("disc", {"method": "FBS", "width": 25})
    if bins["method"] == "FBN":
        levels = {"method": "fixed_bin_number", "bin_count": bins["n"]}
    else:
        levels = {"method": "fixed_bin_size", "bin_width": float(bins["width"])}
    ct = config.get("modality", "CT") == "CT"
    ivh = {"method": "none"} if ct else {"method": "fixed_bin_number", "bin_count": 1000}
    filtered = [
        {"filter": chosen, "discretisation": levels}
        for chosen in filters_for(config.get("filters"))
    ]
    return {"discretisation": levels, "ivh": ivh, "filtered_images": filtered}


def filters_for(wanted):
    """The usual run: eight bands of a wavelet, and Laplacians of Gaussians by sigma in mm."""
    if not wanted:
        return []
    wavelet = {"name": "wavelet", "wavelet": wanted["wavelet"], "bands": "all"}
    return [
        wavelet,
        *({"name": "laplacian_of_gaussian", "sigma": float(sigma)} for sigma in wanted["log"]),
    ]


class Driver:
    name = "radiome"

    def load(self):
        import radiome

        return radiome.__version__

    def prepare(self, image, mask, config):
        import radiome
        from radiome.extraction.settings import load_settings
        from radiome.io.readers import read_mask, read_volume

        settings = load_settings(settings_for(config))
        modality = {"PET": "PT"}.get(config.get("modality"), config.get("modality"))
        threads = config.get("threads")
        if config.get("io") == "memory":
            image = read_volume(image, modality=modality)
            mask = read_mask(mask, image)
        return lambda: radiome.extract(image, mask, settings, modality=modality, threads=threads)

    def batch(self, image, mask, config):
        import csv
        import tempfile
        from pathlib import Path

        import yaml

        from radiome.cohort.engine import run_cohort

        folder = Path(tempfile.mkdtemp())
        batch = config["batch"]
        with (folder / "cohort.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["case", "image", "mask", "modality"])
            for number in range(batch["n"]):
                writer.writerow([f"s{number:02d}", image, mask, config.get("modality", "CT")])
        settings = folder / "settings.yaml"
        settings.write_text(yaml.safe_dump(settings_for(config)))
        # The cases are one image many times: without this all but the first would be found done.
        options = {"settings": settings, "jobs": batch["workers"], "resume": False}
        run_cohort(folder / "cohort.csv", folder / "run", **options)
        return batch["n"]


if __name__ == "__main__":
    common.main(Driver())
