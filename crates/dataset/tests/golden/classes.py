"""Makes classes.json, what scikit-learn's LogisticRegression learns from the labels of data/ that are classes.

    python3 -m venv /tmp/sk && /tmp/sk/bin/pip install scikit-learn==1.9.1 numpy==2.4.6
    /tmp/sk/bin/python crates/dataset/tests/golden/classes.py

The data are split and scaled as the tests' tables say. C is 1 and the penalty that of the squared weights, as by default; the
tolerance is smaller, since the default stops early. Floats are decimal.
"""

import csv
import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, roc_auc_score, roc_curve
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler

HERE = pathlib.Path(__file__).parent
DATA = HERE.parents[3] / "data"
SCALERS = {"standard": StandardScaler, "min-max": MinMaxScaler}
FUEL = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]
TUMOURS = ["mean_radius", "mean_texture", "mean_area", "worst_concavity", "radius_error"]
DIGITS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
TEST = {"size": 0.2, "seed": 0}
TABLES = [
    {"file": "fuel/fuel.csv", "label": "origin", "features": FUEL, "missing": "drop", "scaling": {"features": "standard"}},
    {"file": "fuel/fuel.csv", "label": "cylinders", "features": ["weight", "mpg"], "sample_weight": "model_year"},
    {"file": "tumours/tumours.csv", "label": "diagnosis", "features": TUMOURS, "scaling": {"features": "standard"}},
    {"file": "tumours/tumours.csv", "label": "diagnosis", "features": TUMOURS, "sample_weight": "worst_area"},
    {"file": "digits/digits.csv", "label": "digit", "features": DIGITS, "scaling": {"features": "min-max"}},
]


def learnt(table):
    """What is learnt from a table, and what it says of the test rows."""
    table = {"classes": True, "test": TEST | {"stratify": table["label"]}} | table
    with open(DATA / table["file"], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if table.get("missing") == "drop":
        rows = [row for row in rows if all(row[name] for name in table["features"])]
    labels = np.array([row[table["label"]] for row in rows])
    labels = labels.astype(np.int64) if all(label.isdecimal() for label in labels) else labels
    x = np.array([[float(row[name]) for name in table["features"]] for row in rows])
    train, test = train_test_split(np.arange(len(rows)), test_size=0.2, random_state=0, stratify=labels)
    parts = [x[train], x[test]]
    if "scaling" in table:
        scaler = SCALERS[table["scaling"]["features"]]().fit(parts[0])
        parts = [scaler.transform(part) for part in parts]
    parts = [part.astype(np.float32).astype(np.float64) for part in parts]
    encoder = LabelEncoder().fit(labels)
    y = encoder.transform(labels)
    weights = None
    if "sample_weight" in table:
        weights = np.array([float(row[table["sample_weight"]]) for row in rows])[train]
    model = LogisticRegression(tol=1e-10, max_iter=100_000, solver="newton-cg" if len(x) < 1000 else "lbfgs")
    model.fit(parts[0], y[train], sample_weight=weights)
    outputs = model.predict_proba(parts[1])
    result = {
        "table": table,
        "classes": [str(name) for name in encoder.classes_],
        "counts": [np.bincount(y[part]).tolist() for part in (train, test)],
        "one_hot": OneHotEncoder(sparse_output=False).fit(y[train, None]).transform(y[test, None])[:3].tolist(),
        "chosen": model.predict(parts[1]).tolist(),
        "confusion_matrix": confusion_matrix(y[test], model.predict(parts[1]), labels=range(len(encoder.classes_))).tolist(),
        "first_outputs": outputs[:5].tolist(),
    }
    if len(encoder.classes_) == 2:
        curve = roc_curve(y[test], outputs[:, 1], drop_intermediate=False)
        result["roc_curve"] = [curve[0].tolist(), curve[1].tolist()]
        result["roc_auc"] = roc_auc_score(y[test], outputs[:, 1])
    if model.coef_.size < 100:
        result["weights"] = model.coef_.T.ravel().tolist()
    return result


golden = {"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}}
golden["tables"] = [learnt(table) for table in TABLES]
(HERE / "classes.json").write_text(json.dumps(golden).replace('{"table"', '\n{"table"') + "\n")
