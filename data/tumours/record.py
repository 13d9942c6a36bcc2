#!/usr/bin/env python3
"""Records what real Keras and scikit-learn compute on tumours.csv: training runs of the network that experiments/tumours chooses,
to the bit, and the classes that logistic regression chooses.

    python3 -m venv keras3 && keras3/bin/pip install tensorflow-cpu==2.21.0 keras==3.15.1 scikit-learn==1.9.1
    keras3/bin/python data/tumours/record.py

Needs an x86-64 CPU with AVX-512, as data/keras/generate.py, whose words and forms these are. The rows are split by
train_test_split, with as many of each class, and scaled as the experiment's manifest says. Writes recorded.json beside this script,
with every float as big-endian hexadecimal bits, written without separators:

    tensorflow, keras, numpy, scikit_learn, processor
                versions, and what the processor calls itself
    digests     of what Keras gets: the SHA-256 of the little-endian float32 values, row by row, of x_train, y_train,
                x_test and y_test
    model, training
                the settings, in the words of a manifest; every run has a seed of its own
    logistic_regression
                the class of every test row, as LogisticRegression chooses it with its defaults and max_iter=10000
    runs        a list of
        seed
        losses      one float32 an epoch
        weights     final: kernel, bias, kernel, bias, ...; kernels row-major [inputs, units]
        predictions of the test rows, row by row
"""

import csv
import hashlib
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import sklearn
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler
from tensorflow import keras

FOLDER = pathlib.Path(__file__).parent
SEEDS = range(100, 110)
LABEL = "diagnosis"
SCALER = StandardScaler
MODEL = {
    "layers": [
        {"units": 8, "activation": "tanh"},
        {"units": 1, "activation": "sigmoid"},
    ]
}
TRAINING = {
    "flow": "keras-3",
    "seed": 0,
    "optimizer": {"name": "adam", "learning_rate": 0.001},
    "loss": "binary_crossentropy",
    "metrics": ["accuracy"],
    "epochs": 80,
    "batch_size": 32,
    "shuffle": True,
}


def bits32(values):
    return np.asarray(values, np.float32).ravel().view(np.uint32).astype(">u4").tobytes().hex()


def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values, "<f4").tobytes()).hexdigest()


def data():
    """Inputs and classes of the training and the test rows, in float32."""
    with open(next(FOLDER.glob("*.csv")), encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    labels = LabelEncoder().fit_transform([row.pop(LABEL) for row in rows])
    x = np.array([[float(cell) for cell in row.values()] for row in rows])
    train, test = train_test_split(np.arange(len(rows)), test_size=0.2, random_state=0, stratify=labels)
    scaler = SCALER().fit(x[train])
    x_train, x_test = (scaler.transform(x[part]).astype(np.float32) for part in (train, test))
    return x_train, labels[train].astype(np.float32), x_test, labels[test].astype(np.float32)


def run(seed, x_train, y_train, x_test):
    """One training run."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.layers.Dense(**layer) for layer in MODEL["layers"]])
    optimizer = keras.optimizers.Adam(learning_rate=TRAINING["optimizer"]["learning_rate"])
    model.compile(optimizer=optimizer, loss=TRAINING["loss"], metrics=TRAINING["metrics"])
    settings = {key: TRAINING[key] for key in ("epochs", "batch_size", "shuffle")}
    history = model.fit(x_train, y_train, verbose=0, **settings)
    return {
        "seed": seed,
        "losses": bits32(history.history["loss"]),
        "weights": "".join(bits32(array) for array in model.get_weights()),
        "predictions": bits32(model.predict(x_test, verbose=0)),
    }


def processor():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def main():
    arrays = data()
    x_train, y_train, x_test, _ = arrays
    regression = LogisticRegression(max_iter=10_000).fit(x_train.astype(np.float64), y_train)
    names = ("x_train", "y_train", "x_test", "y_test")
    recorded = {
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "scikit_learn": sklearn.__version__,
        "processor": processor(),
        "digests": {name: digest(array) for name, array in zip(names, arrays)},
        "model": MODEL,
        "training": TRAINING,
        "logistic_regression": regression.predict(x_test.astype(np.float64)).astype(int).tolist(),
        "runs": [run(seed, x_train, y_train, x_test) for seed in SEEDS],
    }
    with open(FOLDER / "recorded.json", "w", encoding="ascii") as file:
        json.dump(recorded, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
