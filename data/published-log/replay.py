#!/usr/bin/env python3
"""Trains real Keras from the witness and records its log: does it print the post's lines?

    python replay.py

Needs tensorflow-cpu 2.12.x with NumPy 1.23 or 1.24, on a CPU with AVX512 or AVX2. Reads witness.json beside this
script: initial kernels (float32 bits; biases are zero) and the order of the training rows in every epoch. The post's
program is trained with these weights set, one `fit` of one epoch at a time on the rows in that order, `shuffle=False`;
the optimizer's state lives on between the calls. Writes replayed.json: every epoch's loss as float32 bits and as Keras
prints it, the predictions' bits, and the accuracy as Python prints it.
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.python.keras import layers, models
from tensorflow.python.keras.optimizer_v2.adam import Adam

HERE = pathlib.Path(__file__).parent


def kernel(bits, shape):
    return np.array([int(word, 16) for word in bits], np.uint32).view(np.float32).reshape(shape)


def bits(value):
    return f"{np.float32(value).view(np.uint32):08x}"


def main():
    witness = json.loads((HERE / "witness.json").read_text())
    np.random.seed(1234)
    x_train, x_test = np.random.randint(0, 100, (100, 1)), np.random.randint(100, 200, (20, 1))
    y_train, y_test = x_train + 10, x_test + 10
    mean, std = np.mean(x_train), np.std(x_train)
    x, y, x_new = ((values - mean) / std for values in (x_train, y_train, x_test))

    model = models.Sequential()
    model.add(layers.Dense(16, activation="linear", input_shape=(1,)))
    model.add(layers.Dense(1, activation="linear"))
    model.compile(optimizer=Adam(learning_rate=0.01), loss="mse")
    kernels = kernel(witness["kernel1"], (1, 16)), kernel(witness["kernel2"], (16, 1))
    model.set_weights([kernels[0], np.zeros(16, np.float32), kernels[1], np.zeros(1, np.float32)])

    losses = []
    for order in witness["orders"]:
        assert sorted(order) == list(range(100))
        history = model.fit(x[order], y[order], batch_size=32, epochs=1, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    predictions = model.predict(x_new)
    restored = predictions * std + mean
    replayed = {
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "losses": "".join(bits(loss) for loss in losses),
        "printed": [("%.4f" if loss > 1e-3 else "%.4e") % loss for loss in losses],
        "predictions": "".join(bits(value) for value in predictions.ravel()),
        "accuracy": repr(float(np.sqrt(np.mean((restored - y_test) ** 2)))),
    }
    (HERE / "replayed.json").write_text(json.dumps(replayed, indent=1) + "\n")
    print(*replayed["printed"][:6], *replayed["printed"][94:], replayed["accuracy"])


if __name__ == "__main__":
    main()
