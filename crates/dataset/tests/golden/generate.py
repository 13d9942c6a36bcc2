"""Makes sklearn.json, what scikit-learn makes of random tables and of data/fuel/fuel.csv.

    python3 -m venv /tmp/sk && /tmp/sk/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 pandas==3.1.1
    /tmp/sk/bin/python crates/dataset/tests/golden/generate.py

Floats are their bits in hexadecimal, separated by spaces; long results are the SHA-256 of their little-endian bytes.
"""

import hashlib
import json
import pathlib
import struct

import numpy as np
import pandas as pd
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

HERE = pathlib.Path(__file__).parent
FUEL = HERE.parents[3] / "data/fuel/fuel.csv"
SCALERS = {"standard": StandardScaler, "min-max": MinMaxScaler}


def bits(values):
    return " ".join(struct.pack(">d", value).hex() for value in np.ravel(values))


def digest(values, dtype):
    return hashlib.sha256(np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).tobytes()).hexdigest()


def statistics(rows, columns, shift, seed):
    """Scalers and imputers of a random array, whose first column of several is constant."""
    x = np.random.RandomState(seed).uniform(-3.0, 50.0, (rows, columns)) + shift
    if columns > 2:
        x[:, 0] = shift + 0.1
    case = {"rows": rows, "columns": columns, "shift": shift, "seed": seed}
    for name, scaler in SCALERS.items():
        scaler = scaler().fit(x)
        scaled = scaler.transform(x)
        case[name] = {
            "offset": bits(scaler.mean_ if name == "standard" else scaler.min_),
            "factor": bits(scaler.scale_),
            "scaled": digest(scaled, np.float64),
            "restored": digest(scaler.inverse_transform(scaled.astype(np.float32).astype(np.float64)), np.float64),
        }
    holes = x.copy()
    holes.ravel()[5::7] = np.nan
    for strategy in ["mean", "median"]:
        case[strategy] = bits(SimpleImputer(strategy=strategy).fit(holes).statistics_)
    return case


def split(rows, test, seed):
    train, test_rows = train_test_split(np.arange(rows), test_size=test, random_state=seed, shuffle=seed is not None)
    return {"rows": rows, "test": test, "seed": seed, "train": digest(train, np.int64), "held": digest(test_rows, np.int64)}


def stratified(rows, classes, test, seed):
    """Classes of unequal size: the smaller of two draws."""
    state = np.random.RandomState(seed)
    codes = np.minimum(state.randint(0, classes, rows), state.randint(0, classes, rows))
    train, held = train_test_split(np.arange(rows), test_size=test, random_state=seed, stratify=codes)
    case = {"rows": rows, "classes": classes, "test": test, "seed": seed}
    return case | {"train": digest(train, np.int64), "held": digest(held, np.int64)}


def folds(rows, number, seed):
    parts = KFold(number, shuffle=seed is not None, random_state=seed).split(np.arange(rows))
    parts = [[digest(train, np.int64), digest(held, np.int64)] for train, held in parts]
    return {"rows": rows, "folds": number, "seed": seed, "parts": parts}


def fuel(table):
    """What a manifest's table becomes."""
    frame = pd.read_csv(FUEL)
    categorical, missing = table.get("categorical", {}), table.get("missing", "refuse")
    used = frame[table["features"] + [table["label"]]]
    if missing == "drop":
        frame = frame[used.notna().all(axis=1)].reset_index(drop=True)
    test = table["test"]
    stratify = frame[test["stratify"]] if "stratify" in test else None
    shuffle = test.get("shuffle", True)
    seed = test.get("seed", 0) if shuffle else None
    train, held = train_test_split(
        np.arange(len(frame)), test_size=test["size"], random_state=seed, shuffle=shuffle, stratify=stratify
    )
    numbers = [name for name in table["features"] if name not in categorical]
    x = np.ascontiguousarray(frame[numbers].to_numpy(np.float64))
    parts = [x[train], x[held]]
    if missing in ["mean", "median"]:
        imputer = SimpleImputer(strategy=missing).fit(parts[0])
        parts = [imputer.transform(part) for part in parts]
    scaling = table.get("scaling", {})
    if scaling.get("features", "none") != "none":
        scaler = SCALERS[scaling["features"]]().fit(parts[0])
        parts = [scaler.transform(part) for part in parts]
    names, columns = [], ([], [])
    for name in table["features"]:
        if name in categorical:
            one_hot = categorical[name] == "one-hot"
            encoder = OneHotEncoder(sparse_output=False) if one_hot else OrdinalEncoder()
            encoder.fit(frame[[name]].iloc[train])
            names += [f"{name}={value}" for value in encoder.categories_[0]] if one_hot else [name]
            encoded = [encoder.transform(frame[[name]].iloc[rows]) for rows in (train, held)]
        else:
            names.append(name)
            encoded = [part[:, [numbers.index(name)]] for part in parts]
        columns[0].append(encoded[0])
        columns[1].append(encoded[1])
    x = [np.hstack(part).astype(np.float32) for part in columns]
    label = frame[table["label"]]
    result = {"table": table, "features": names}
    if table.get("classes"):
        y = LabelEncoder().fit_transform(label).astype(np.float64)
        y = [y[train], y[held]]
    else:
        y = label.to_numpy(np.float64)
        y = [y[train], y[held]]
        linear = LinearRegression().fit(x[0].astype(np.float64), y[0]).predict(x[1].astype(np.float64))
        result["linear"] = float(np.sqrt(np.mean((linear - y[1]) ** 2)))
        if scaling.get("label", "none") != "none":
            scaler = SCALERS[scaling["label"]]().fit(y[0].reshape(-1, 1))
            y = [scaler.transform(part.reshape(-1, 1)).ravel() for part in y]
            restored = scaler.inverse_transform(y[1].astype(np.float32).astype(np.float64).reshape(-1, 1))
            result["restored"] = digest(restored, np.float64)
    for name, part_x, part_y in zip(["train", "test"], x, y):
        result[name] = [len(part_y), digest(part_x, np.float32), digest(part_y, np.float32)]
    return result


ROWS = [1, 2, 7, 8, 9, 127, 128, 129, 1000, 8191, 8192, 8193, 20_000]
NUMBERS = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]
BOTH = {"features": "standard", "label": "standard"}
TABLES = [
    {"features": NUMBERS + ["origin"], "categorical": {"origin": "one-hot"}, "missing": "mean", "scaling": BOTH,
     "test": {"size": 0.2, "seed": 42}},
    {"features": NUMBERS + ["origin"], "categorical": {"origin": "ordinal", "cylinders": "one-hot"}, "missing": "median",
     "scaling": {"features": "min-max", "label": "min-max"}, "test": {"size": 0.25, "seed": 0, "stratify": "origin"}},
    {"features": ["horsepower"], "missing": "drop", "scaling": BOTH, "test": {"size": 100, "shuffle": False}},
    {"features": ["horsepower", "model_year"], "missing": "mean", "test": {"size": 0.3, "seed": 7, "stratify": "model_year"}},
    {"features": NUMBERS, "missing": "drop", "label": "origin", "classes": True,
     "scaling": {"features": "standard"}, "test": {"size": 0.2, "seed": 1, "stratify": "origin"}},
]

golden = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "pandas": pd.__version__},
    "statistics": [
        statistics(rows, columns, shift, rows + columns)
        for rows in ROWS
        for columns in [1, 2, 3, 9]
        for shift in [0.0, 1e9]
        if rows > 1 or columns == 1
    ],
    "splits": [
        split(rows, test, seed)
        for rows, test in [(2, 1), (10, 3), (398, 80), (1000, 250), (5000, 1)]
        for seed in [None, 0, 42, 4294967295]
    ],
    "stratified": [
        stratified(rows, classes, test, seed)
        for rows, classes, test in [(50, 2, 10), (100, 3, 20), (398, 5, 80), (1000, 7, 333), (3000, 20, 600)]
        for seed in [0, 1, 42]
    ],
    "folds": [folds(rows, number, seed) for rows, number in [(10, 3), (318, 5), (7, 7)] for seed in [None, 0, 42]],
    "fuel": [fuel({"file": "fuel.csv", "label": "mpg"} | table) for table in TABLES],
}
lines = ",\n".join(
    f"{json.dumps(key)}: " + (json.dumps(value) if isinstance(value, dict) else
                              "[\n" + ",\n".join(json.dumps(case) for case in value) + "\n]")
    for key, value in golden.items()
)
(HERE / "sklearn.json").write_text("{\n" + lines + "\n}\n")
