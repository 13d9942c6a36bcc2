"""Writes what every point of a lattice is worth to two networks of real data: the trials of a grid by their experiments' programs.

cargo build --release -p tumours -p fuel-efficiency
python data/optuna/tables.py
"""

import csv
import math
import pathlib
import subprocess
import tempfile

FOLDER = pathlib.Path(__file__).parent
RATE = "training.optimizer.learning_rate"
# Of each table: the manifest's keys by column, in its order, and the values of the first two.
TABLES = {
    "tumours": {
        "activation": ("model.layers.0.activation", "{values: [relu, tanh, sigmoid]}"),
        "units": ("model.layers.0.units", "{min: 8, max: 64, step: 8}"),
    },
    "fuel-efficiency": {
        "units_1": ("model.layers.0.units", "{min: 16, max: 64, step: 16}"),
        "units_2": ("model.layers.1.units", "{min: 16, max: 64, step: 16}"),
    },
}
SHARED = {
    # Thirteen values at equal distances of its logarithm.
    "log10_learning_rate": (RATE, "{min: 1.0e-4, max: 1.0e-1, log: true}"),
    "batch_size": ("training.batch_size", "{values: [16, 32, 64]}"),
}


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


for name, own in TABLES.items():
    columns = own | SHARED
    space = ", ".join(f"{key}: {values}" for key, values in columns.values())
    keys = [f"search.parameters={{{space}}}", "search.trials=1000", "search.grid_points=13"]
    keys += ["search.repeats=1"] if name == "fuel-efficiency" else []
    with tempfile.TemporaryDirectory() as out:
        sets = [word for key in keys for word in ("--set", key)]
        subprocess.run([FOLDER.parents[1] / "target/release" / name, "-q", "--out", f"{out}/report", *sets], check=True)
        with open(f"{out}/report/trials.csv", newline="") as file:
            trials = list(csv.DictReader(file))
    rows = []
    for trial in trials:
        assert trial["state"] == "COMPLETE", trial
        trial[RATE] = repr(round(4 * math.log10(float(trial[RATE]))) / 4)
        rows.append([trial[key] for key, _ in columns.values()] + [trial["value"]])
    rows.sort(key=lambda row: [number(cell) for cell in row[:-1]])
    lines = [",".join(row) for row in [[*columns, "value"], *rows]]
    (FOLDER / f"{name}.csv").write_text("\n".join(lines) + "\n")
