#!/usr/bin/env python3
"""Records what real Keras and scikit-learn compute on fuel.csv: training runs of the network that experiments/fuel-efficiency chooses,
to the bit, and what linear regression predicts.

    python3 -m venv keras3 && keras3/bin/pip install tensorflow-cpu==2.21.0 keras==3.15.1 scikit-learn==1.9.1
    keras3/bin/python data/fuel/record.py

Needs an x86-64 CPU with AVX-512, as data/keras/generate.py, whose words and forms these are. Cars without a horsepower are left out;
the others are split by train_test_split, and the last of those to train on are held out to validate on. Writes recorded.json beside this
script, with every float of a run as big-endian hexadecimal bits, written without separators:

    tensorflow, keras, numpy, scikit_learn, processor
                versions, and what the processor calls itself
    digests     of what Keras gets: the SHA-256 of the little-endian float32 values, row by row, of x_train, y_train,
                x_test and y_test
    model, training
                the settings, in the words of a manifest; every run has a seed of its own
    linear_regression
                what LinearRegression predicts for every test row
    runs        a list of
        seed
        losses      one float32 an epoch
        val_losses  the same on the held-out rows
        weights     final: kernel, bias, kernel, bias, ...; kernels row-major [inputs, units]
        predictions of the test rows, in miles a gallon
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
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tensorflow import keras

FOLDER = pathlib.Path(__file__).parent
SEEDS = range(100, 105)
NUMBERS = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]
HELD_OUT = 0.2
MODEL = {
    "layers": [
        {"units": 64, "activation": "relu"},
        {"units": 64, "activation": "relu"},
        {"units": 1, "activation": "linear"},
    ]
}
TRAINING = {
    "flow": "keras-3",
    "seed": 0,
    "optimizer": {"name": "adam", "learning_rate": 0.01},
    "loss": "mse",
    "epochs": 200,
    "batch_size": 32,
    "shuffle": True,
    "callbacks": [{"name": "early_stopping", "patience": 20, "restore_best_weights": True}],
}


def bits32(values):
    return np.asarray(values, np.float32).ravel().view(np.uint32).astype(">u4").tobytes().hex()


def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values, "<f4").tobytes()).hexdigest()


def data():
    """Inputs and labels, in float32, of the rows to train on, of those held out, and of the test rows."""
    with open(FOLDER / "fuel.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["horsepower"]]
    numbers = np.array([[float(row[name]) for name in NUMBERS] for row in rows])
    origin = np.array([[row["origin"]] for row in rows])
    labels = np.array([float(row["mpg"]) for row in rows], np.float32)
    train, test = train_test_split(np.arange(len(rows)), test_size=0.2, random_state=0)
    train, held = np.split(train, [int(len(train) * (1.0 - HELD_OUT))])
    scaler = StandardScaler().fit(numbers[train])
    encoder = OneHotEncoder(sparse_output=False).fit(origin[train])
    arrays = []
    for part in (train, held, test):
        x = np.hstack([scaler.transform(numbers[part]), encoder.transform(origin[part])])
        arrays += [x.astype(np.float32), labels[part]]
    return arrays


def run(seed, x_train, y_train, x_held, y_held, x_test):
    """One training run."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.layers.Dense(**layer) for layer in MODEL["layers"]])
    optimizer = keras.optimizers.Adam(learning_rate=TRAINING["optimizer"]["learning_rate"])
    model.compile(optimizer=optimizer, loss=TRAINING["loss"])
    settings = {key: TRAINING[key] for key in ("epochs", "batch_size", "shuffle")}
    stop = keras.callbacks.EarlyStopping(patience=20, restore_best_weights=True)
    history = model.fit(x_train, y_train, validation_data=(x_held, y_held), callbacks=[stop], verbose=0, **settings)
    return {
        "seed": seed,
        "losses": bits32(history.history["loss"]),
        "val_losses": bits32(history.history["val_loss"]),
        "weights": "".join(bits32(array) for array in model.get_weights()),
        "predictions": bits32(model.predict(x_test, verbose=0)),
    }


def processor():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def main():
    x_train, y_train, x_held, y_held, x_test, y_test = data()
    regression = LinearRegression().fit(x_train.astype(np.float64), y_train.astype(np.float64))
    given = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    recorded = {
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "scikit_learn": sklearn.__version__,
        "processor": processor(),
        "digests": {name: digest(array) for name, array in given.items()},
        "model": MODEL,
        "training": TRAINING,
        "linear_regression": regression.predict(x_test.astype(np.float64)).tolist(),
        "runs": [run(seed, x_train, y_train, x_held, y_held, x_test) for seed in SEEDS],
    }
    with open(FOLDER / "recorded.json", "w", encoding="ascii") as file:
        json.dump(recorded, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
