"""Makes drawn.json, what NumPy makes of a manifest's section `data`.

    python3 -m venv /tmp/numpy && /tmp/numpy/bin/pip install numpy==1.24.3   # Python 3.11, a processor with FMA
    /tmp/numpy/bin/python crates/dataset/tests/golden/drawn.py

Each part has the SHA-256 of its inputs row by row and of its labels, as little-endian float64; `scaler` those of mean and
standard deviation of the training inputs, `scaled` those of the scaled test inputs and labels as float32.
"""

import hashlib
import json
import pathlib

import numpy as np

RANGES = {
    "randint": [{"low": -50, "high": 100}, {"low": 100, "high": 200}],
    "uniform": [{"low": -3, "high": 4}, {"low": 4, "high": 1000}],
    "normal": [{"loc": 10.5, "scale": 0.25}, {"loc": -1e6, "scale": 1e3}],
}


def digest(values, dtype=np.float64):
    return hashlib.sha256(np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()).hexdigest()


def case(draw, features, rows):
    state = np.random.RandomState(rows + features)
    data = {"seed": rows + features, "draw": draw, "features": features, "label": {"add": 10}}
    parts = []
    for name, keys, size in zip(["train", "test"], RANGES[draw], [rows, 21]):
        data[name] = keys | {"size": size}
        x = getattr(state, draw)(*keys.values(), (size, features))
        parts.append((x, x.sum(axis=1) + 10))
    mean, std = parts[0][0].mean(), parts[0][0].std()
    return {
        "data": data,
        "parts": [[digest(values) for values in part] for part in parts],
        "scaler": [digest(mean), digest(std)],
        "scaled": [digest((values - mean) / std, np.float32) for values in parts[1]],
    }


sizes = [(1, 100), (2, 3), (3, 101), (8, 50), (9, 1001), (130, 7), (300, 40)]
cases = [case(draw, features, rows) for draw in RANGES for features, rows in sizes]
lines = ",\n".join(json.dumps(case) for case in cases)
text = f'{{"numpy": "{np.__version__}", "cases": [\n{lines}\n]}}\n'
(pathlib.Path(__file__).parent / "drawn.json").write_text(text)
