#!/usr/bin/env python3
"""Records what real Keras computes on fuel.csv: training runs of a Dense network from several seeds, to the bit.

    python3 -m venv tf212 && tf212/bin/pip install 'tensorflow-cpu==2.12.*' 'scikit-learn==1.6.*' 'pandas==2.*'
    tf212/bin/python data/fuel/record.py

Needs Python 3.11 and an x86-64 CPU with AVX-512, as data/keras/generate.py, whose words and forms these are. The rows are
split by train_test_split, scaled by StandardScaler and encoded by OneHotEncoder. Writes recorded.json beside this script,
with every float as big-endian hexadecimal bits, written without separators:

    tensorflow, numpy, scikit_learn, processor
                versions, and what the processor calls itself
    digests     of what Keras gets: the SHA-256 of the little-endian float32 values, row by row, of x_train, y_train,
                x_test and y_test
    model, training
                the settings, in the words of a manifest; every run has a seed of its own
    runs        a list of
        seed
        losses      one float32 an epoch
        weights     final: kernel, bias, kernel, bias, ...; kernels row-major [inputs, units]
        predictions of the test rows, in miles a gallon
        rmse_numpy1, rmse_numpy2
                    sqrt(mean((prediction - y)**2)), sixteen digits of float64: the labels are not scaled, so nothing
                    is restored and both are one number
"""

import hashlib
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import sklearn
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FOLDER = pathlib.Path(__file__).parent
SEEDS = range(5)
NUMBERS = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]
CATEGORY = ["origin"]
LABEL = ["mpg"]
MODEL = {
    "layers": [
        {"units": 64, "activation": "relu"},
        {"units": 64, "activation": "relu"},
        {"units": 1, "activation": "linear"},
    ]
}
TRAINING = {
    "flow": "keras-set-random-seed",
    "seed": 0,
    "optimizer": {"name": "adam", "learning_rate": 0.001},
    "loss": "mse",
    "epochs": 100,
    "batch_size": 32,
    "shuffle": True,
}


def bits32(values):
    return np.asarray(values, np.float32).ravel().view(np.uint32).astype(">u4").tobytes().hex()


def bits64(value):
    return np.asarray(value, np.float64).ravel().astype(">f8").tobytes().hex()


def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values, "<f4").tobytes()).hexdigest()


def data():
    """Inputs and labels of the training and the test rows, in float32, and the test labels in float64."""
    cars = pd.read_csv(FOLDER / "fuel.csv")
    cars = cars[cars[NUMBERS + CATEGORY + LABEL].notna().all(axis=1)]
    train, test = train_test_split(cars, test_size=0.2, random_state=0)
    scaler, encoder = StandardScaler(), OneHotEncoder(sparse_output=False)
    x = []
    for rows, of in ((train, "fit_transform"), (test, "transform")):
        numbers = getattr(scaler, of)(np.ascontiguousarray(rows[NUMBERS].to_numpy(np.float64)))
        x.append(np.hstack([numbers, getattr(encoder, of)(rows[CATEGORY])]).astype(np.float32))
    y_train, y_test = (rows[LABEL].to_numpy(np.float64) for rows in (train, test))
    return x[0], y_train.astype(np.float32), x[1], y_test


def run(seed, x_train, y_train, x_test, y_test):
    """One training run."""
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(seed)
    model = tf.keras.Sequential([tf.keras.layers.Dense(**layer) for layer in MODEL["layers"]])
    optimizer = tf.keras.optimizers.Adam(learning_rate=TRAINING["optimizer"]["learning_rate"])
    model.compile(optimizer=optimizer, loss=TRAINING["loss"])
    settings = {key: TRAINING[key] for key in ("epochs", "batch_size", "shuffle")}
    history = model.fit(x_train, y_train, verbose=0, **settings)
    predictions = model.predict(x_test, verbose=0)
    rmse = bits64(np.sqrt(np.mean((predictions - y_test) ** 2)))
    return {
        "seed": seed,
        "losses": bits32(history.history["loss"]),
        "weights": "".join(bits32(array) for array in model.get_weights()),
        "predictions": bits32(predictions),
        "rmse_numpy1": rmse,
        "rmse_numpy2": rmse,
    }


def processor():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def main():
    arrays = data()
    names = ("x_train", "y_train", "x_test", "y_test")
    recorded = {
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "scikit_learn": sklearn.__version__,
        "processor": processor(),
        "digests": {name: digest(array) for name, array in zip(names, arrays)},
        "model": MODEL,
        "training": TRAINING,
        "runs": [run(seed, *arrays) for seed in SEEDS],
    }
    with open(FOLDER / "recorded.json", "w", encoding="ascii") as file:
        json.dump(recorded, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
