"""The experiment fuel-efficiency as a program of Keras: Keras 3 on TensorFlow.

    python keras.py                               trains, and compares with the report in this folder
    python keras.py --weights model.safetensors   predicts the test rows with these weights instead

Engine exact made the report, which is to have every bit of Keras: if one differs, the program ends with exit code 1.
"""

# /// script
# requires-python = "==3.11.*"
# dependencies = [
#     "tensorflow-cpu==2.21.0",
#     "keras==3.15.1",
#     "numpy==2.2.6",
#     "scikit-learn==1.6.1",
#     "safetensors==0.8.0",
# ]
# ///

import argparse
import csv
import hashlib
import os
import sys
from pathlib import Path

REPORT = Path(__file__).resolve().parent
# Else this file is taken for Keras.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != REPORT]
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from keras.callbacks import EarlyStopping
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import Adam
from keras.utils import set_random_seed
from safetensors.numpy import load_file
from sklearn import preprocessing
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--weights", help="predict with these weights and train nothing")
parser.add_argument("--data", type=Path, help="the CSV file, if it lies elsewhere")
arguments = parser.parse_args()

# Data

FILE = "data/fuel/fuel.csv"
FEATURES = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year", "origin"]
LABEL = "mpg"

path = arguments.data or next((folder / FILE for folder in REPORT.parents if (folder / FILE).is_file()), Path(FILE))
if hashlib.sha256(path.read_bytes()).hexdigest() != "19bf26c268d241fbd5386bc691f05c3c54dd87605cb4cea5e1fa1a6dec79bf1b":
    sys.exit(f"{path} is not the file that the report was made from")
with open(path, newline="", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file))

MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}


def column(name):
    """The cells as numbers if all of them are, NaN where one is missing; else as texts."""
    cells = [row[name] for row in rows]
    try:
        return np.array([np.nan if cell.strip().lower() in MISSING else float(cell) for cell in cells])
    except ValueError:
        return np.array(cells)


columns = {name: column(name) for name in [*FEATURES, LABEL]}
# Rows in which a cell is missing are left out.
present = [cells != "" if cells.dtype.kind == "U" else ~np.isnan(cells) for cells in columns.values()]
columns = {name: cells[np.all(present, axis=0)] for name, cells in columns.items()}
train, test = train_test_split(np.arange(len(columns[LABEL])), test_size=0.2, random_state=0)
kept = int(len(train) * (1 - 0.2))
train, validation = train[:kept], train[kept:]

numbers = np.ascontiguousarray(np.transpose([columns[name] for name in ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]]))
scaler = preprocessing.StandardScaler().fit(numbers[train])
encoders = {
    "origin": preprocessing.OneHotEncoder(sparse_output=False).fit(columns["origin"][train, None]),
}


def inputs(rows):
    return np.hstack([
        scaler.transform(numbers[rows]),
        encoders["origin"].transform(columns["origin"][rows, None]),
    ]).astype(np.float32)


labels = columns[LABEL][:, None]
y = labels.astype(np.float32)
x_train, y_train = inputs(train), y[train]
x_validation, y_validation = inputs(validation), y[validation]
x_test, labels = inputs(test), labels[test]


def restore(predictions):
    return predictions.astype(np.float64)


SCORE = "root mean square error"


def score(predictions):
    return float(np.sqrt(np.mean((predictions - labels) ** 2)))


# Model

set_random_seed(100)
model = Sequential([
    Dense(64, activation="relu"),
    Dense(64, activation="relu"),
    Dense(1, activation="linear"),
])
model.compile(optimizer=Adam(learning_rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-7), loss="mse")

KERNELS_AND_BIASES = [
    "dense/kernel",
    "dense/bias",
    "dense_1/kernel",
    "dense_1/bias",
    "dense_2/kernel",
    "dense_2/bias",
]


def set_weights(weights):
    model.build((None, 9))
    model.set_weights([weights[name] for name in KERNELS_AND_BIASES])


# Training

if arguments.weights:
    set_weights(load_file(arguments.weights))
else:
    history = model.fit(x_train, y_train, batch_size=32, epochs=200, shuffle=True, validation_data=(x_validation, y_validation), callbacks=[EarlyStopping(min_delta=0.0, mode="auto", monitor="val_loss", patience=20, restore_best_weights=True)], verbose=0).history

# Beside the report


def reported(file, name):
    """A column of one of the report's tables."""
    with open(REPORT / file, newline="", encoding="utf-8") as table:
        return np.array([float(row[name]) for row in csv.DictReader(table)])


def compare(what, keras, report):
    """Says how many values have the same bits, and how far apart the others are at most."""
    bits = f"u{keras.itemsize}"
    same = (keras.view(bits) == report.view(bits)) | (np.isnan(keras) & np.isnan(report))
    text = f"{what}: {same.sum()} of {same.size} equal in every bit"
    if not same.all():
        apart = np.where(same, 0, np.nan_to_num(np.abs(keras - report), nan=np.inf))
        most = np.argmax(apart)
        text += f"; at most {apart[most]:.1e} apart, {float(keras[most])!r} and {float(report[most])!r} in the report"
    print(text)
    return same.all()


equal = []
if not arguments.weights:
    for name, values in history.items():
        name = "learning_rate" if name == "lr" else name
        report = reported("history.csv", name)
        keras = np.array(values[: len(report)], np.float64)
        for epoch, pair in enumerate(zip(keras, report), 1):
            print("epoch {}: {} {!r}, in the report {!r}".format(epoch, name, *map(float, pair)))
        equal.append(compare(name, keras, report))
    if np.isfinite(report).all():
        weights = load_file(REPORT / "model.safetensors")
        keras = np.concatenate([values.ravel() for values in model.get_weights()])
        equal.append(compare("weights", keras, np.concatenate([weights[name].ravel() for name in KERNELS_AND_BIASES])))
predictions = restore(model.predict(x_test, verbose=0))
print(f"{SCORE} of the test rows: {score(predictions)!r}")
if (REPORT / "predictions.csv").exists():
    report = reported("predictions.csv", "predict")
    print(f"{SCORE} of the test rows in the report: {score(report.reshape(predictions.shape))!r}")
    equal.append(compare("predictions", predictions.ravel(), report))

sys.exit(0 if all(equal) else 1)
