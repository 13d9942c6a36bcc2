"""The experiment grid-search as a program of Keras: tf.keras as it is up to TensorFlow 2.9, which later versions keep as tensorflow.python.keras.

    python keras.py                               trains, and compares with the report in this folder
    python keras.py --weights model.safetensors   predicts the test rows with these weights instead

Engine exact made the report, which is to have every bit of Keras: if one differs, the program ends with exit code 1.
"""

# /// script
# requires-python = "==3.11.*"
# dependencies = [
#     "tensorflow-cpu==2.12.1",
#     "numpy==1.24.3",
#     "scikit-learn==1.6.1",
#     "safetensors==0.8.0",
# ]
# ///

import argparse
import csv
import os
import sys
from pathlib import Path

REPORT = Path(__file__).resolve().parent
# Else this file is taken for Keras.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != REPORT]
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file
from tensorflow.python.keras.layers import Dense
from tensorflow.python.keras.models import Sequential
from tensorflow.python.keras.optimizer_v2.gradient_descent import SGD

parser = argparse.ArgumentParser()
parser.add_argument("--weights", help="predict with these weights and train nothing")
arguments = parser.parse_args()

# Data

random = np.random.RandomState(1234)
x_train = random.randint(0, 100, (100, 1))
x_test = random.randint(100, 200, (20, 1))
y_train, labels = (x.sum(axis=1, keepdims=True) + 10 for x in (x_train, x_test))
mean, std = np.mean(x_train), np.std(x_train)
x_train, y_train, x_test = (((values - mean) / std).astype(np.float32) for values in (x_train, y_train, x_test))


def restore(predictions):
    return (predictions * np.float32(std) + np.float32(mean)).astype(np.float64)


SCORE = "root mean square error"


def score(predictions):
    return float(np.sqrt(np.mean((predictions - labels) ** 2)))


# Model

tf.random.set_seed(0)
model = Sequential([
    Dense(10, activation="linear"),
    Dense(1, activation="linear"),
])
model.compile(optimizer=SGD(learning_rate=0.01, momentum=0.9, nesterov=False), loss="mse")

KERNELS_AND_BIASES = [
    "dense/kernel",
    "dense/bias",
    "dense_1/kernel",
    "dense_1/bias",
]


def set_weights(weights):
    model.build((None, 1))
    model.set_weights([weights[name] for name in KERNELS_AND_BIASES])


# Training

if arguments.weights:
    set_weights(load_file(arguments.weights))
else:
    history = model.fit(x_train, y_train, batch_size=8, epochs=100, shuffle=True, verbose=0).history

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
