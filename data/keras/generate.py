#!/usr/bin/env python3
"""Records what real Keras computes: golden training runs of Dense networks, to the bit.

    python generate.py OUTPUT_FOLDER [CASE ...]

Needs TensorFlow with the NumPy it asks for, on an x86-64 CPU with AVX-512 and with oneDNN's default settings: other
instruction sets and `TF_ENABLE_ONEDNN_OPTS=0` sum in another order. tensorflow-cpu 2.12.x records every case but those named
after another version; 2.15.x, and 2.21.x with tf_keras and Keras 3.15.1, record those of their version. Reads
`OUTPUT_FOLDER/recorded.json` if it is there and replaces the cases that were run, or the CASEs that are named; all others
stay. Cases with a validation are in `OUTPUT_FOLDER/validation.json`, those of Keras 3 and of what else newer versions of
TensorFlow compute in another way in `OUTPUT_FOLDER/keras-3.json`, those of further activations and optimizers in
`OUTPUT_FOLDER/activations.json`, those of further initializers in `OUTPUT_FOLDER/initializers.json`; all are treated alike.

Each case is the program of the post with some settings changed:

    np.random.seed(data_seed)
    X_train = np.random.randint(0, 100, (samples, features)); X_test = np.random.randint(100, 200, (20, features))
    y = X + 10                                      # of several features: their sum + 10
    mean, std = X_train.mean(), X_train.std()       # scaling standard: (X - mean) / std and (y - mean) / std
    Sequential of Dense layers; compile(optimizer, loss); fit(batch_size, epochs, shuffle); predict(X_test)

Cases with callbacks, schedules, clipping, penalties and dropout are in `OUTPUT_FOLDER/fitting.json` and, of Keras 3,
`OUTPUT_FOLDER/fitting-keras-3.json`; their settings are in a manifest's words, as all others.

With `validation_split`, fit gets that; with `validation_samples`, as many rows X_val = np.random.randint(0, 100, ...) are drawn
after X_test, and fit gets them as validation_data.

With several outputs, the label's column number j from 0 is (sum + 10) * (j + 1). Cases of classes are in
`OUTPUT_FOLDER/classification.json`, those of Keras 3 in `classification-keras-3.json`. Their labels are not scaled and follow the rows' sums, with so many units in the last layer:
binary_crossentropy has a 1 in column j where sum * (units + 1) > 100 * features * (j + 1), the other two the class
sum * units // (100 * features) of training rows, in a column or one-hot; test labels are not used.

The file, with every float as big-endian hexadecimal bits, eight digits a float32, written without separators:

    cases               a list of
        name            of the case
        tensorflow, numpy, processor
                        versions, and what the processor calls itself
        flow            "tf-legacy": tensorflow.python.keras after tf.random.set_seed(seed)
                        "keras-set-random-seed": tf.keras after tf.keras.utils.set_random_seed(seed), with its
                        optimizers of 2.11 and later
                        "keras-set-random-seed-tf-2.15": the same on TensorFlow 2.15 and later
                        "keras-3": Keras 3 on TensorFlow after keras.utils.set_random_seed(seed)
        data_seed, samples, features, scaling, layers, optimizer, loss, batch_size, epochs, shuffle
                        the settings, in the words of a manifest
        validation_split or validation_samples
                        of the cases with a validation
        metrics, class_weight
                        of the cases that have any
        prints          whether what fit prints is recorded
        sample_weights  whether rows have them: those to train on, and those to validate on, have 1/4, 2/4, ... 5/4, 1/4, ...
        runs            a list of
            seed
            losses      one float32 an epoch
            val_losses  one float32 an epoch, of the cases with a validation
            learning_rates
                        one float32 an epoch, of the cases with callbacks that set them
            metrics     one float32 an epoch of each metric, by its name in Keras' history, "val_" before it
            lines       what fit prints of every epoch after its time, of the cases with prints
            weights     final: kernel, bias, kernel, bias, ...; kernels row-major [inputs, units]
            predictions of X_test, as predicted (before restoring)
            rmse_numpy1, rmse_numpy2
                        sqrt(mean((prediction restored - y)**2)), sixteen digits of float64: predictions * std + mean
                        in float32 as NumPy 1 promotes, in float64 as NumPy 2 does (the same without scaling); of one output
                        that is no class
"""

import contextlib
import io
import itertools
import json
import os
import random
import re
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.python import keras as legacy
from tensorflow.python.distribute import input_lib
from tensorflow.python.keras import callbacks as legacy_callbacks
from tensorflow.python.keras import layers as legacy_layers
from tensorflow.python.keras import models as legacy_models
from tensorflow.python.keras import regularizers as legacy_regularizers
from tensorflow.python.keras.optimizer_v2 import adagrad, adam, adamax, gradient_descent, learning_rate_schedule, rmsprop

if tf.__version__.startswith("2.21"):
    import keras as keras_3
    import tf_keras as keras
else:
    keras_3 = keras = tf.keras
if not hasattr(input_lib, "DistributedDatasetInterface"):
    # The frozen copy of Keras asks for a name that later versions have moved.
    from tensorflow.python.types import distribute as distribute_types

    input_lib.DistributedDatasetInterface = distribute_types.DistributedDatasetInterface

SEEDS = [0, 7, 42]
# Of the post's own program: more seeds, two of which (26, 125) print its accuracy.
POST_SEEDS = [0, 1, 7, 26, 42, 125, 1234, 2147483647]

BASE = {
    "flow": "tf-legacy",
    "data_seed": 1234,
    "samples": 100,
    "features": 1,
    "scaling": "standard",
    "layers": [[16, "linear"], [1, "linear"]],
    "optimizer": {"name": "adam", "learning_rate": 0.01},
    "loss": "mse",
    "batch_size": 32,
    "epochs": 100,
    "shuffle": True,
}


def cases():
    """Every case of this TensorFlow: the base configuration with what is different."""
    if not tf.__version__.startswith("2.12"):
        deep = {"layers": [[16, "relu"], [8, "relu"], [1, "linear"]]}
        new = {"flow": "keras-set-random-seed"}
        yield f"base-tf-{tf.__version__}", {}
        yield f"two-hidden-16-8-relu-tf-{tf.__version__}", deep
        yield f"base-set-random-seed-tf-{tf.__version__}", new
        yield f"two-hidden-16-8-relu-set-random-seed-tf-{tf.__version__}", {**new, **deep}
        return
    relu = [[16, "relu"], [1, "linear"]]
    yield "base", {}
    yield "base-data-seed-7", {"data_seed": 7}
    yield "base-data-seed-42", {"data_seed": 42}
    yield "relu", {"layers": relu}
    yield "relu-data-seed-7", {"layers": relu, "data_seed": 7}
    yield "relu-raw", {"layers": relu, "scaling": "none"}
    yield "relu-raw-data-seed-42", {"layers": relu, "scaling": "none", "data_seed": 42}
    yield "linear-raw", {"scaling": "none"}
    for batch_size in (1, 8, 10, 16, 64, 100):
        yield f"batch-{batch_size}", {"batch_size": batch_size}
    yield "relu-batch-1", {"layers": relu, "batch_size": 1}
    yield "relu-batch-10", {"layers": relu, "batch_size": 10}
    sgd = {"name": "sgd", "learning_rate": 0.01}
    momentum = {"name": "momentum", "learning_rate": 0.01, "momentum": 0.9}
    yield "sgd", {"optimizer": sgd}
    yield "momentum", {"optimizer": momentum}
    yield "nesterov", {"optimizer": {**momentum, "nesterov": True}}
    yield "rmsprop-0.001", {"optimizer": {"name": "rmsprop", "learning_rate": 0.001}}
    yield "rmsprop-0.01", {"optimizer": {"name": "rmsprop", "learning_rate": 0.01}}
    yield "relu-sgd", {"layers": relu, "optimizer": sgd}
    yield "relu-momentum-batch-10", {"layers": relu, "batch_size": 10, "optimizer": momentum}
    yield "relu-rmsprop-0.01", {"layers": relu, "optimizer": {"name": "rmsprop", "learning_rate": 0.01}}
    yield "adam-0.001", {"optimizer": {"name": "adam", "learning_rate": 0.001}}
    yield "mae", {"loss": "mae"}
    yield "mae-batch-10", {"loss": "mae", "batch_size": 10}
    yield "huber", {"loss": "huber"}
    yield "huber-batch-10", {"loss": "huber", "batch_size": 10}
    yield "relu-raw-mae", {"layers": relu, "scaling": "none", "loss": "mae"}
    yield "relu-raw-huber", {"layers": relu, "scaling": "none", "loss": "huber"}
    for units in (3, 4, 5, 7, 8, 13, 17, 32, 33, 64):
        yield f"units-{units}", {"layers": [[units, "linear"], [1, "linear"]]}
    for units in (5, 33, 64):
        yield f"relu-units-{units}", {"layers": [[units, "relu"], [1, "linear"]]}
    for first, second in ((16, 8), (8, 8), (5, 3)):
        for kind in ("linear", "relu"):
            layers = [[first, kind], [second, kind], [1, "linear"]]
            yield f"two-hidden-{first}-{second}-{kind}", {"layers": layers}
    deep = [[16, "relu"], [8, "relu"], [1, "linear"]]
    yield "two-hidden-16-8-relu-batch-10", {"layers": deep, "batch_size": 10}
    yield "two-hidden-16-8-relu-batch-1", {"layers": deep, "batch_size": 1}
    yield "two-hidden-16-8-relu-raw", {"layers": deep, "scaling": "none"}
    yield "no-hidden", {"layers": [[1, "linear"]]}
    yield "one-unit-hidden", {"layers": [[1, "relu"], [1, "relu"], [1, "linear"]]}
    yield "features-3", {"features": 3}
    yield "features-20-relu", {"features": 20, "layers": relu}
    yield "features-3-two-hidden-tanh-batch-10", {
        "features": 3,
        "layers": [[16, "tanh"], [8, "tanh"], [1, "linear"]],
        "batch_size": 10,
    }
    yield "samples-1000-whole-batch", {"samples": 1000, "batch_size": 1000, "layers": deep}
    yield "samples-37-no-multiple", {"samples": 37, "batch_size": 12, "layers": relu}
    new = {"flow": "keras-set-random-seed"}
    yield "base-set-random-seed", new
    yield "relu-set-random-seed", {**new, "layers": relu}
    yield "relu-raw-set-random-seed", {**new, "layers": relu, "scaling": "none"}
    yield "sgd-set-random-seed", {**new, "optimizer": sgd}
    yield "nesterov-set-random-seed", {**new, "optimizer": {**momentum, "nesterov": True}}
    yield "momentum-set-random-seed", {**new, "optimizer": momentum}
    new_rmsprop = {**new, "optimizer": {"name": "rmsprop", "learning_rate": 0.01}}
    yield "rmsprop-0.01-set-random-seed", new_rmsprop
    yield "relu-units-13-rmsprop-set-random-seed", {**new_rmsprop, "layers": [[13, "relu"], [1, "linear"]]}
    yield "no-hidden-rmsprop-set-random-seed", {**new_rmsprop, "layers": [[1, "linear"]]}
    yield "tanh", {"layers": [[16, "tanh"], [1, "linear"]]}
    yield "sigmoid", {"layers": [[16, "sigmoid"], [1, "linear"]]}
    yield "tanh-raw", {"layers": [[16, "tanh"], [1, "linear"]], "scaling": "none"}
    yield "sigmoid-raw", {"layers": [[16, "sigmoid"], [1, "linear"]], "scaling": "none"}
    yield "tanh-units-5-batch-10", {"layers": [[5, "tanh"], [1, "linear"]], "batch_size": 10}
    yield "sigmoid-units-5-batch-10", {"layers": [[5, "sigmoid"], [1, "linear"]], "batch_size": 10}
    yield "two-hidden-16-8-tanh", {"layers": [[16, "tanh"], [8, "tanh"], [1, "linear"]]}
    yield "two-hidden-16-8-sigmoid", {"layers": [[16, "sigmoid"], [8, "sigmoid"], [1, "linear"]]}
    # A last layer's tanh and sigmoid, which predict computes in another way than fit.
    for last in ("relu", "tanh", "sigmoid"):
        yield f"last-{last}", {"layers": [[16, "tanh"], [1, last]]}
        yield f"last-{last}-set-random-seed", {**new, "layers": [[5, "relu"], [1, last]], "batch_size": 10}
        yield f"no-hidden-last-{last}", {"layers": [[1, last]], "batch_size": 9}
    # Powers that are not correctly rounded, within 1,000 steps.
    for beta_2 in (0.9999, 0.99999, 0.995, 0.997, 0.9995):
        optimizer = {"name": "adam", "learning_rate": 0.01, "beta_1": 0.9, "beta_2": beta_2}
        yield f"adam-beta-2-{beta_2}", {"optimizer": optimizer, "layers": relu, "batch_size": 10}
    optimizer = {"name": "adam", "learning_rate": 0.01, "beta_1": 0.997, "beta_2": 0.9, "epsilon": 0.001}
    yield "adam-beta-1-0.997", {"optimizer": optimizer, "layers": relu, "batch_size": 10}
    # Sums of more than 8,192 values.
    for samples, batch_size in ((9000, 9000), (8193, 8200), (20000, 20000), (33333, 16500)):
        large = {"samples": samples, "batch_size": batch_size, "layers": [[3, "relu"], [1, "linear"]], "epochs": 5}
        yield f"samples-{samples}-batch-{batch_size}", large
    yield "samples-20000-mae", {"samples": 20000, "batch_size": 10000, "loss": "mae", "layers": [[1, "linear"]], "epochs": 5}
    # Errors that are no numbers.
    for loss in ("mse", "mae", "huber"):
        diverged = {"optimizer": {"name": "sgd", "learning_rate": 1e30}, "loss": loss, "epochs": 1}
        yield f"{loss}-diverged", diverged
        yield f"relu-{loss}-diverged", {**diverged, "layers": relu}
    # Numbers below the smallest normal one.
    for name, settings in (("sgd", {}), ("momentum", {"momentum": 0.9}), ("adam", {})):
        yield f"{name}-1e-38", {"optimizer": {"name": name, "learning_rate": 1e-38, **settings}, "epochs": 20}
    yield "no-shuffle", {"shuffle": False, "layers": relu}
    yield "one-epoch", {"epochs": 1}


def validation_cases():
    """Every case with a validation: the base configuration with what is different."""
    if not tf.__version__.startswith("2.12"):
        return
    new = {"flow": "keras-set-random-seed"}
    few = {"epochs": 20}
    relu, output = [[16, "relu"], [1, "linear"]], [1, "linear"]
    deep = [[16, "relu"], [8, "tanh"], output]
    yield "split-0.2", {"validation_split": 0.2}
    yield "split-0.2-set-random-seed", {"validation_split": 0.2, **new}
    yield "split-0.37-batch-10-relu", {"validation_split": 0.37, "batch_size": 10, "layers": relu, **few}
    yield "split-0.5-no-shuffle-raw", {"validation_split": 0.5, "shuffle": False, "layers": relu, "scaling": "none", **few}
    yield "split-0.25-features-3-deep-mae", {"validation_split": 0.25, "features": 3, "layers": deep, "loss": "mae", **few}
    nesterov = {"name": "momentum", "learning_rate": 0.01, "momentum": 0.9, "nesterov": True}
    yield "split-0.1-huber-nesterov-set-random-seed", {"validation_split": 0.1, "loss": "huber", "optimizer": nesterov, **new, **few}
    for samples in (1, 7, 33, 250):
        yield f"samples-{samples}", {"validation_samples": samples, "layers": deep, **few}
        yield f"samples-{samples}-batch-1", {"validation_samples": samples, "batch_size": 1, "layers": relu, **few}
    yield "samples-9000-batch-9000", {"validation_samples": 9000, "batch_size": 9000, "epochs": 5}
    yield "samples-20000-batch-17000-mae", {"validation_samples": 20000, "batch_size": 17000, "loss": "mae", "layers": relu, "epochs": 5}
    # A last layer's tanh and sigmoid, which predict computes in another way than fit.
    for last in ("relu", "tanh", "sigmoid"):
        yield f"last-{last}-samples-45", {"validation_samples": 45, "layers": [[5, "sigmoid"], [1, last]], **few}
        yield f"last-{last}-split-0.3-set-random-seed", {
            "validation_split": 0.3, "layers": [[8, "tanh"], [1, last]], "batch_size": 9, **new, **few
        }


def classification_cases():
    """Every case of classes or of several outputs: the base configuration with what is different."""
    flows = {"2.12": ["tf-legacy", "keras-set-random-seed"], "2.21": ["keras-3"]}
    for flow in flows.get(tf.__version__[:4], []):
        for loss, activation in (
            ("binary_crossentropy", "sigmoid"),
            ("categorical_crossentropy", "softmax"),
            ("sparse_categorical_crossentropy", "softmax"),
            ("mse", "linear"),
            ("mae", "sigmoid"),
            ("huber", "tanh"),
        ):
            classes = loss.endswith("crossentropy")
            for number, settings in enumerate(shapes_of_outputs(1 if loss[0] == "b" else 3 if classes else 2)):
                *hidden, units = settings.pop("units")
                output = [units, "linear" if number == 0 and not classes else activation]
                case = {"flow": flow, "loss": loss, "epochs": 6, **settings}
                case["layers"] = [[units, kind] for units, kind in hidden] + [output]
                if flow != "tf-legacy" and case.get("optimizer", {}).get("name") == "rmsprop":
                    # Its estimate of a root follows the processor's maker.
                    case["optimizer"] = {"name": "adam", "learning_rate": 0.01}
                if classes and number == 2:
                    case["loss"] = {"name": loss, "from_logits": True}
                    case["layers"][-1][1] = "linear"
                if number not in (3, 6):
                    case["metrics"] = ["accuracy"] if classes else []
                    case["metrics"] += [] if loss.startswith("sparse") else ["mae", "mse", "rmse"]
                if number in (1, 4, 6) and classes:
                    case["class_weight"] = {str(c): 0.6 + c % 3 / 2 for c in range(max(units, 2))}
                elif number not in (0, 3, 6):
                    case["sample_weights"] = True
                yield f"{loss.replace('_', '-')}-{number}-{flow}", case
            if classes and flow != "keras-set-random-seed":
                for number, settings in enumerate(LOGITS):
                    *hidden, units = settings["units"]
                    case = {"flow": flow, "loss": {"name": loss, "from_logits": True}, "epochs": 6, **settings}
                    case["layers"] = [*hidden, [units if loss[0] == "b" else 2 + units, "linear"]]
                    del case["units"]
                    yield f"{loss.replace('_', '-')}-logits-{number}-{flow}", case


# Trainings of several shapes whose loss is taken from logits.
LOGITS = [
    {"units": [[12, "relu"], 1], "features": 2, "batch_size": 16, "validation_split": 0.2, "metrics": ["accuracy"]},
    {"units": [[5, "tanh"], [3, "relu"], 4], "samples": 73, "batch_size": 11, "optimizer": {"name": "sgd", "learning_rate": 0.2}},
]


def shapes_of_outputs(units):
    """Trainings of several shapes, the first of them with so many outputs."""
    sgd, momentum = {"name": "sgd", "learning_rate": 0.1}, {"name": "momentum", "learning_rate": 0.05, "momentum": 0.9}
    rmsprop = {"name": "rmsprop", "learning_rate": 0.01}
    relu, tanh, sigmoid = "relu", "tanh", "sigmoid"
    yield {"units": [[16, relu], units], "epochs": 30}
    yield {"units": [[6, relu], [5, tanh], 2 * units], "features": 3, "batch_size": 10, "optimizer": sgd, "validation_split": 0.25}
    yield {"units": [[7, tanh], 2 * units], "samples": 61, "optimizer": momentum, "validation_samples": 45}
    yield {"units": [units], "features": 4, "batch_size": 1, "samples": 37, "shuffle": False, "validation_samples": 3}
    yield {"units": [[5, sigmoid], 3 * units], "samples": 133, "batch_size": 64, "validation_split": 0.4}
    yield {"units": [[9, relu], [4, relu], 6 * units], "features": 20, "batch_size": 21, "optimizer": rmsprop}
    yield {"units": [[8, relu], units], "scaling": "none", "batch_size": 100, "epochs": 20, "optimizer": {**momentum, "nesterov": True}}


def labels(case, x):
    """What the network should say of rows."""
    loss, sums = case["loss"], x.sum(axis=1, keepdims=True)
    units, features = case["layers"][-1]["units"], case["features"]
    loss = loss["name"] if isinstance(loss, dict) else loss
    columns = np.arange(1, units + 1)
    if loss == "binary_crossentropy":
        return (sums * (units + 1) > 100 * features * columns).astype(int)
    if not loss.endswith("crossentropy"):
        return (sums + 10) * columns
    classes = sums * units // (100 * features)
    return classes if loss.startswith("sparse") else (classes == columns - 1).astype(int)


def weights(rows):
    """Sample weights of rows."""
    return (np.arange(rows) % 5 + 1) / 4


def loss_of(case, of):
    """What compile is given."""
    loss = case["loss"]
    if not isinstance(loss, dict):
        return loss
    name = "".join(word.capitalize() for word in loss["name"].split("_"))
    return getattr(of, name)(from_logits=loss["from_logits"])


def keras_3_cases():
    """Every case of Keras 3, and of what newer versions of TensorFlow compute in another way."""
    if tf.__version__.startswith("2.12"):
        return
    rmsprop = {"name": "rmsprop", "learning_rate": 0.01}
    new = {"flow": "keras-set-random-seed-tf-2.15", "optimizer": rmsprop, "epochs": 20}
    output = [1, "linear"]
    deep = [[16, "relu"], [8, "relu"], output]
    yield f"rmsprop-0.01-tf-{tf.__version__}", new
    yield f"rmsprop-relu-units-13-tf-{tf.__version__}", {**new, "layers": [[13, "relu"], output]}
    yield f"rmsprop-no-hidden-tf-{tf.__version__}", {**new, "layers": [output]}
    yield f"rmsprop-two-hidden-16-8-relu-batch-10-tf-{tf.__version__}", {**new, "layers": deep, "batch_size": 10}
    yield f"rmsprop-features-3-tanh-huber-tf-{tf.__version__}", {
        **new, "features": 3, "layers": [[9, "tanh"], output], "loss": "huber", "validation_split": 0.2
    }
    if not tf.__version__.startswith("2.21"):
        return
    new = {"flow": "keras-3"}
    few = {**new, "epochs": 10}
    nesterov = {"name": "momentum", "learning_rate": 0.01, "momentum": 0.9, "nesterov": True}
    yield "post-keras-3", {**new, "epochs": 50}
    yield "relu-keras-3", {**few, "layers": [[16, "relu"], output]}
    yield "two-hidden-16-8-relu-keras-3", {**few, "layers": deep}
    yield "rmsprop-keras-3", {**few, "optimizer": rmsprop}
    yield "rmsprop-relu-units-13-keras-3", {**few, "optimizer": rmsprop, "layers": [[13, "relu"], output]}
    yield "rmsprop-no-hidden-keras-3", {**few, "optimizer": rmsprop, "layers": [output]}
    yield "rmsprop-two-hidden-5-3-tanh-batch-10-keras-3", {
        **few, "optimizer": rmsprop, "layers": [[5, "tanh"], [3, "tanh"], output], "batch_size": 10
    }
    yield "sgd-no-hidden-keras-3", {**few, "optimizer": {"name": "sgd", "learning_rate": 0.01}, "layers": [output]}
    yield "nesterov-tanh-keras-3", {**few, "optimizer": nesterov, "layers": [[16, "tanh"], output]}
    yield "momentum-sigmoid-units-33-mae-keras-3", {
        **few,
        "optimizer": {"name": "momentum", "learning_rate": 0.01, "momentum": 0.5},
        "layers": [[33, "sigmoid"], output],
        "loss": "mae",
    }
    yield "huber-raw-batch-6-keras-3", {**few, "loss": "huber", "scaling": "none", "batch_size": 6}
    yield "batch-1-keras-3", {**few, "batch_size": 1, "epochs": 2}
    yield "features-3-sigmoid-batch-10-keras-3", {**few, "features": 3, "layers": [[5, "sigmoid"], output], "batch_size": 10}
    yield "features-20-two-hidden-relu-tanh-keras-3", {
        **few, "features": 20, "layers": [[16, "relu"], [8, "tanh"], output], "batch_size": 64
    }
    yield "one-unit-hidden-keras-3", {**few, "layers": [[1, "relu"], [3, "linear"], [1, "tanh"], output]}
    yield "one-unit-hidden-sigmoid-batch-9-keras-3", {**few, "layers": [[4, "relu"], [1, "sigmoid"], output], "batch_size": 9}
    for last in ("relu", "tanh", "sigmoid"):
        yield f"last-{last}-keras-3", {**few, "layers": [[5, "relu"], [1, last]], "batch_size": 10}
        yield f"no-hidden-last-{last}-keras-3", {**few, "layers": [[1, last]], "batch_size": 9}
        yield f"last-{last}-samples-45-keras-3", {**few, "validation_samples": 45, "layers": [[8, "tanh"], [1, last]]}
    yield "samples-1000-whole-batch-keras-3", {**few, "samples": 1000, "batch_size": 1000, "layers": deep}
    yield "samples-20000-raw-batch-20000-keras-3", {
        **new, "samples": 20000, "scaling": "none", "batch_size": 20000, "layers": [[3, "relu"], output], "epochs": 3
    }
    yield "split-0.2-keras-3", {**few, "validation_split": 0.2}
    yield "split-0.37-batch-10-relu-mae-keras-3", {
        **few, "validation_split": 0.37, "batch_size": 10, "layers": [[16, "relu"], output], "loss": "mae"
    }
    yield "samples-250-deep-keras-3", {**few, "validation_samples": 250, "layers": deep, "batch_size": 37}
    yield "adam-beta-2-0.995-keras-3", {
        **few, "optimizer": {"name": "adam", "learning_rate": 0.003, "beta_2": 0.995, "epsilon": 1e-3}, "batch_size": 8
    }
    yield "no-shuffle-keras-3", {**few, "shuffle": False, "layers": [[16, "relu"], output]}


def combined_cases():
    """Every case of classes or of several outputs whose training has penalties, dropout, clipping or callbacks."""
    versions = {"2.12": ("tf-legacy", ""), "2.21": ("keras-3", "-keras-3")}
    flow, ending = versions.get(tf.__version__[:4], (None, ""))
    if flow is None:
        return
    penalized = {"kernel_regularizer": {"l2": 0.02}, "bias_regularizer": {"l1": 0.01}}
    clipped = {"name": "adam", "learning_rate": 0.02, "clipnorm": 0.1}
    early = {"name": "early_stopping", "monitor": "val_accuracy", "patience": 1, "restore_best_weights": True}
    outputs = {
        "binary_crossentropy": [1, "sigmoid"],
        "categorical_crossentropy": [3, "softmax"],
        "sparse_categorical_crossentropy": [4, "softmax"],
        "mse": [2, "linear"],
    }
    for loss, last in outputs.items():
        case = {"flow": flow, "features": 3, "epochs": 5, "samples": 61, "batch_size": 16, "loss": loss, "validation_split": 0.2}
        classes = loss != "mse"
        yield f"penalties-{loss}{ending}", {
            **case, "layers": [[8, "relu", penalized], [*last, penalized]], "metrics": ["accuracy" if classes else "mae"]
        }
        yield f"dropout-{loss}{ending}", {**case, "layers": [[8, "relu"], ["dropout", 0.3], last]}
        yield f"clip-{loss}{ending}", {**case, "layers": [[8, "tanh"], last], "optimizer": clipped}
        if classes:
            weights = {str(number): 0.5 + number for number in range(max(2, last[0]))}
            yield f"weighted-{loss}{ending}", {
                **case, "layers": [[8, "relu", penalized], last], "class_weight": weights, "callbacks": [early], "metrics": ["accuracy"]
            }
    # Of rows with weights and a last batch that is not whole, the graph of Keras 3 loses the number.
    momentum = {"name": "momentum", "learning_rate": 0.02, "momentum": 0.5}
    decay = {"name": "exponential_decay", "initial_learning_rate": 0.1, "decay_steps": 33, "decay_rate": 0.999}
    decayed = {"name": "adagrad", "learning_rate": decay, "initial_accumulator_value": 1.0, "epsilon": 1e-8}
    early = {"name": "early_stopping", "monitor": "val_rmse", "patience": 1, "min_delta": 0.05, "restore_best_weights": True}
    weights = {"0": 1.0, "1": 1.0, "2": 0.3, "3": 1.0}
    categorical, sparse = "categorical_crossentropy", "sparse_categorical_crossentropy"
    of_logits = {"loss": {"name": categorical, "from_logits": True}, "optimizer": momentum, "data_seed": 1874, "samples": 8}
    layers = [[8, "linear"], [17, "gelu", "he_uniform"], [7, "relu", "glorot_normal"], [4, "linear"]]
    for number, changes in enumerate(
        (
            {**of_logits, "features": 11, "layers": layers, "epochs": 12, "callbacks": [early], "metrics": ["rmse", "mae"]},
            {"optimizer": decayed, "data_seed": 5217, "samples": 45, "batch_size": 8, "layers": [[1, "gelu"], [4, "softmax"]]},
            {"loss": sparse, "layers": [[8, "gelu"], [5, "gelu"], [4, "softmax"]]},
            {"loss": sparse, "layers": [[5, "gelu"], [9, "sigmoid"], [6, "gelu"], [4, "softmax"]]},
            {"layers": [[9, "gelu"], [1, "tanh"], [16, "softsign"], [4, "softmax"]], "epochs": 9},
            {"layers": [[8, "softplus"], ["dropout", 0.2], [6, "hard_sigmoid"], ["dropout", 0.37], [4, "softmax"]]},
        )
    ):
        case = {"flow": flow, "features": 6, "samples": 42, "batch_size": 16, "epochs": 5, "loss": categorical}
        yield f"rows-{number}-crossentropy{ending}", {**case, "class_weight": weights, "validation_samples": 20, **changes}
    # With weights and whole batches alone, the graph multiplies by the reciprocal of the number of outputs.
    by_row, by_class = {"sample_weights": True}, {"class_weight": {str(c): 0.3 + c for c in range(3)}}
    new = [("keras-set-random-seed", "-set-random-seed")] if flow == "tf-legacy" else []
    for flow, ending in [(flow, ending), *new]:
        for loss in ("mse", "mae", "huber", "binary_crossentropy"):
            last = [3, "sigmoid" if loss[0] == "b" else "linear"]
            for weights in (by_row, by_class) if loss[0] == "b" else (by_row,):
                for samples in (40, 42):
                    case = {"flow": flow, "features": 2, "samples": samples, "batch_size": 8, "epochs": 4, "loss": loss, **weights}
                    name = f"{next(iter(weights)).replace('_', '-')}-{samples}-{loss}{ending}"
                    yield name, {**case, "layers": [[6, "relu"], last]}


def fitting_cases():
    """Every case of what a training may have besides: callbacks, schedules, clipping, penalties, dropout."""
    versions = {"2.12": ("tf-legacy", ""), "2.21": ("keras-3", "-keras-3")}
    flow, ending = versions.get(tf.__version__.rsplit(".", 1)[0], (None, ""))
    if flow is None:
        return
    groups = {"rates": rates, "clipping": clippings, "penalties": penalties, "dropout": dropouts, "optimizers": optimizers_with}
    groups |= {"products": products} if flow == "keras-3" else {}
    for group, settings in groups.items():
        for number, changes in enumerate(settings()):
            case = {**drawn_settings(f"{group} {number}"), **changes, "flow": flow}
            case["optimizer"] = {**case["optimizer"], **case.pop("optimizer_with", {})}
            case["layers"] = changed_layers(case["layers"], case.pop("layers_with", []), case.pop("dropouts", {}))
            if case["optimizer"]["name"] != "adamw" or flow == "keras-3":
                yield f"{group}-{number}{ending}", case


def line_cases():
    """Trainings whose lines are recorded, with rates of every size."""
    versions = {"2.12": ("tf-legacy", ""), "2.21": ("keras-3", "-keras-3")}
    flow, ending = versions.get(tf.__version__.rsplit(".", 1)[0], (None, ""))
    scheduler = {"name": "learning_rate_scheduler"}
    plateau = {"name": "reduce_lr_on_plateau", "patience": 0, "factor": 0.25, "min_delta": 0.1}
    large = [{"epoch": 2, "learning_rate": 1.0}, {"epoch": 3, "learning_rate": 12345.678}]
    two, three = {"loss": "binary_crossentropy", "layers": [[1, "sigmoid"]]}, {"loss": "categorical_crossentropy", "layers": [[3, "softmax"]]}
    for number, case in enumerate(
        (
            {"callbacks": [{**scheduler, "factor": 0.1}], "metrics": ["rmse", "mae"]},
            {**two, "callbacks": [plateau], "metrics": ["auc", "accuracy"], "validation_split": 0.2},
            {"callbacks": [{**scheduler, "rates": large}, {**plateau, "monitor": "loss"}], "validation_samples": 9},
            {**three, "metrics": ["mse", "accuracy"], "validation_split": 0.3},
        )
    ):
        if flow:
            yield f"lines-{number}{ending}", {"flow": flow, "epochs": 5, "prints": True, **case}


def changed_layers(layers, more, rates):
    """Dense layers with more settings each, and with a dropout before those whose number has a rate."""
    changed = []
    for number, ([units, activation], settings) in enumerate(zip(layers, [*more, *[{}] * len(layers)])):
        if number in rates:
            changed.append(["dropout", rates[number]])
        changed.append([units, activation, settings])
    return changed


def drawn_settings(name):
    """A network and a training that differ from case to case."""
    draw = random.Random(name)
    activations = ["linear", "relu", "tanh", "sigmoid"]
    hidden = [[draw.choice([1, 3, 5, 8, 11, 16]), draw.choice(activations)] for _ in range(draw.choice([1, 1, 2]))]
    optimizer = draw.choice(
        [
            {"name": "sgd", "learning_rate": 0.03},
            {"name": "momentum", "learning_rate": 0.01, "momentum": 0.9, "nesterov": draw.random() < 0.5},
            {"name": "rmsprop", "learning_rate": 0.01},
            {"name": "adam", "learning_rate": 0.02},
        ]
    )
    return {
        "data_seed": draw.randrange(1000),
        "samples": draw.choice([37, 60, 101]),
        "features": draw.choice([1, 1, 2, 5]),
        "layers": [*hidden, [1, "linear"]],
        "optimizer": optimizer,
        "loss": draw.choice(["mse", "mae", "huber"]),
        "batch_size": draw.choice([7, 16, 32]),
        "shuffle": draw.random() < 0.8,
        "epochs": 12,
    }


def rates():
    """Callbacks, and learning rates by steps."""
    split = {"validation_split": 0.2}
    early = {"name": "early_stopping", "patience": 2}
    plateau = {"name": "reduce_lr_on_plateau", "patience": 2}
    scheduler = {"name": "learning_rate_scheduler"}
    decay = {"name": "exponential_decay", "initial_learning_rate": 0.03, "decay_steps": 7, "decay_rate": 0.9}
    yield {**split, "callbacks": [early], "epochs": 40}
    yield {**split, "callbacks": [{**early, "patience": 1, "restore_best_weights": True}], "epochs": 40}
    yield {"callbacks": [{**early, "monitor": "loss", "min_delta": 0.002, "restore_best_weights": True}], "epochs": 40}
    yield {"validation_samples": 21, "callbacks": [{**early, "baseline": 0.02, "restore_best_weights": True}], "epochs": 40}
    yield {**split, "callbacks": [{**early, "mode": "max", "restore_best_weights": True}]}
    yield {**split, "callbacks": [{**early, "patience": 0, "min_delta": 0.001}]}
    yield {"callbacks": [{**plateau, "monitor": "loss", "factor": 0.3, "min_delta": 0.01}]}
    yield {**split, "callbacks": [{**plateau, "patience": 1, "factor": 0.5, "cooldown": 2}], "epochs": 20}
    yield {**split, "callbacks": [{**plateau, "patience": 1, "factor": 0.7, "min_lr": 0.006, "min_delta": 0.05}, early], "epochs": 30}
    yield {**split, "callbacks": [{**plateau, "mode": "max", "factor": 0.9}, {**early, "monitor": "learning_rate", "mode": "min", "min_delta": 0.001}]}
    yield {**split, "callbacks": [{**plateau, "patience": 0, "factor": 0.5, "min_delta": 0.1}, {**scheduler, "factor": 0.8}]}
    yield {"callbacks": [{**scheduler, "factor": 0.9}, {**plateau, "monitor": "loss", "patience": 1, "min_delta": 0.0}]}
    yield {"callbacks": [{**scheduler, "factor": 0.7, "start_from_epoch": 3}, {**plateau, "monitor": "loss", "patience": 3, "min_delta": 0.1}]}
    table = [{"epoch": 1, "learning_rate": 0.02}, {"epoch": 4, "learning_rate": 0.005}, {"epoch": 9, "learning_rate": 0.001}]
    yield {**split, "callbacks": [{**scheduler, "rates": table}]}
    yield {**split, "callbacks": [{**scheduler, "rates": table[1:], "factor": 0.99}, {**early, "restore_best_weights": True}]}
    yield {"callbacks": [{**scheduler, "rates": table[:1], "factor": 1.1, "start_from_epoch": 2}]}
    yield {"callbacks": [{**scheduler, "factor": 0.5, "start_from_epoch": 6}]}
    for number in range(8):
        changes = {"initial_learning_rate": [0.03, 0.02][number % 2], "decay_steps": [1, 7, 10, 33][number % 4]}
        changes |= {"decay_rate": [0.96, 0.5, 0.999][number % 3], "staircase": number > 4}
        watched = {**split, "callbacks": [early]} if number % 3 == 2 else {}
        yield {"optimizer_with": {"learning_rate": {**decay, **changes}}, **watched}
    if tf.__version__.startswith("2.21"):
        late = {**early, "patience": 1, "start_from_epoch": 4}
        yield {**split, "callbacks": [late], "epochs": 30}
        yield {"callbacks": [{**late, "monitor": "loss", "min_delta": 0.03, "restore_best_weights": True}], "epochs": 30}


def clippings():
    """Gradients that are cut."""
    decay = {"name": "exponential_decay", "initial_learning_rate": 0.05, "decay_steps": 9, "decay_rate": 0.8}
    for key, values in {
        "clipvalue": [0.5, 0.1, 0.02, 0.003, 0.2, 1.0, 0.05],
        "clipnorm": [0.5, 0.1, 0.02, 0.003, 0.2, 1.0, 0.05],
        "global_clipnorm": [0.5, 0.1, 0.02, 0.003, 0.3, 2.0, 0.05],
    }.items():
        for number, value in enumerate(values):
            more = {"learning_rate": decay} if number % 3 == 2 else {}
            early = {"name": "early_stopping", "monitor": "loss", "patience": 1, "min_delta": 0.01}
            yield {"optimizer_with": {key: value, **more}, **({"callbacks": [early]} if number == 4 else {})}


def penalties():
    """L1 and L2 of kernels and biases."""
    l1, l2, both = {"l1": 0.01}, {"l2": 0.02}, {"l1": 0.003, "l2": 0.1}
    split = {"validation_split": 0.2}
    early = {"name": "early_stopping", "patience": 1, "restore_best_weights": True}
    kernel, bias = "kernel_regularizer", "bias_regularizer"
    yield {"layers_with": [{kernel: l2}]}
    yield {"layers_with": [{kernel: l1}, {bias: l1}], **split}
    yield {"layers_with": [{kernel: both, bias: both}]}
    yield {"layers_with": [{bias: l2}, {kernel: both, bias: l1}], **split, "callbacks": [early]}
    yield {"layers_with": [{kernel: both}, {kernel: both, bias: both}], "optimizer_with": {"clipnorm": 0.2}}
    yield {"layers_with": [{}, {kernel: l2}], "optimizer_with": {"global_clipnorm": 0.5}, **split}
    yield {"layers_with": [{kernel: {"l1": 0.5}, bias: {"l2": 0.3}}], "validation_samples": 19}
    yield {"layers_with": [{kernel: l1, bias: l2}], "optimizer_with": {"clipvalue": 0.05}}
    yield {"layers_with": [{kernel: l2, bias: l2}, {kernel: l2, bias: l2}, {kernel: l2, bias: l2}]}
    yield {"layers_with": [{kernel: both, bias: both}, {kernel: both, bias: both}, {kernel: l1, bias: both}], **split}
    # More than nine parts, which are added by eights.
    deep = {"layers": [[5, "relu"], [4, "tanh"], [3, "elu"], [1, "linear"]]}
    yield {**deep, "layers_with": [{kernel: both, bias: both}] * 4}
    yield {**deep, "layers_with": [{kernel: both, bias: l1}] * 3 + [{bias: l2}], **split}


def dropouts():
    """Dropout before layers."""
    split = {"validation_split": 0.2}
    early = {"name": "early_stopping", "patience": 2, "restore_best_weights": True}
    yield {"dropouts": {1: 0.5}}
    yield {"dropouts": {1: 0.2}, **split}
    yield {"dropouts": {0: 0.1, 1: 0.3}}
    yield {"dropouts": {0: 0.25}, **split, "callbacks": [early]}
    yield {"dropouts": {1: 0.4}, "layers_with": [{"kernel_regularizer": {"l2": 0.01}}], "optimizer_with": {"clipnorm": 0.3}}
    yield {"dropouts": {1: 0.75, 2: 0.1}, "validation_samples": 13}
    yield {"dropouts": {1: 0.5, 2: 0.5}, "layers": [[16, "relu"], [8, "tanh"], [1, "linear"]]}
    yield {"dropouts": {0: 0.05, 1: 0.1, 2: 0.2}, "layers": [[9, "sigmoid"], [5, "relu"], [1, "linear"]], "features": 5}
    yield {"dropouts": {1: 0.3}, "layers": [[16, "relu"], [1, "linear"]], "features": 1, "samples": 100}
    yield {"dropouts": {1: 0.0, 2: 0.4}, "layers": [[7, "relu"], [7, "relu"], [1, "linear"]]}
    # Activations that are products, which the graph's optimiser reorders with the dropout's; single values in another way.
    for first, second in (("softplus", "exponential"), ("gelu", "hard_sigmoid")):
        yield {"dropouts": {1: 0.3, 2: 0.2}, "layers": [[9, first], [6, second], [1, "linear"]]}
        yield {"dropouts": {1: 0.3, 2: 0.2}, "layers": [[1, first], [1, second], [1, "linear"]], "samples": 36, "batch_size": 7}


def optimizers_with():
    """What changes gradients and learning rates, with the optimizers that `drawn_settings` does not draw."""
    split = {"validation_split": 0.2}
    both = {"l1": 0.003, "l2": 0.1}
    plateau = {"name": "reduce_lr_on_plateau", "patience": 1, "factor": 0.5, "min_delta": 0.05}
    scheduler = {"name": "learning_rate_scheduler", "factor": 0.9}
    decay = {"name": "exponential_decay", "initial_learning_rate": 0.05, "decay_steps": 9, "decay_rate": 0.8}
    for optimizer in (
        {"name": "adam", "learning_rate": 0.02, "amsgrad": True},
        {"name": "adamax", "learning_rate": 0.03},
        {"name": "adagrad", "learning_rate": 0.05},
        {"name": "adamw", "learning_rate": 0.02, "weight_decay": 0.1},
    ):
        for number in range(1 if optimizer["name"] == "adamw" else 2):
            for changes in (
                {"optimizer": {**optimizer, "clipvalue": [0.05, 0.3][number]}},
                {"optimizer": {**optimizer, "clipnorm": [0.05, 0.3][number]}},
                {"optimizer": {**optimizer, "global_clipnorm": [0.05, 0.3][number]}},
                {"optimizer": optimizer, "layers_with": [{"kernel_regularizer": both}, {"bias_regularizer": both}]},
                {"optimizer": {**optimizer, "learning_rate": {**decay, "staircase": number == 1}}, **split},
                {"optimizer": optimizer, "callbacks": [plateau], **split},
                {"optimizer": optimizer, "callbacks": [scheduler]},
            ):
                yield changes


def products():
    """Products of scalars and tensors that the graph optimiser of Keras 3 multiplies in another order than they are written in."""
    sgd, momentum = {"name": "sgd", "learning_rate": 0.07}, {"name": "momentum", "learning_rate": 0.03, "momentum": 0.8}
    nesterov = {**momentum, "momentum": 0.55, "nesterov": True}
    decay = {"name": "exponential_decay", "initial_learning_rate": 0.03, "decay_steps": 7, "decay_rate": 0.9}
    layers = [
        [[1, "linear"]],
        [[7, "relu"], [1, "linear"]],
        [[17, "tanh"], [1, "relu"], [1, "linear"]],
        [[5, "elu"], [9, "softsign"], [6, "sigmoid"], [1, "linear"]],
    ]
    for number, optimizer in enumerate((sgd, momentum, nesterov, {**sgd, "learning_rate": decay}) * 2):
        clipped = {**optimizer, "global_clipnorm": [0.3, 0.07, 0.9][number % 3]}
        yield {"layers": layers[(number + number // 4) % 4], "optimizer": clipped, "features": 1 + number % 3}
    for number in range(7):
        changes = {"decay_steps": [1, 7, 10, 33][number % 4], "decay_rate": [0.96, 0.5, 0.999][number % 3], "staircase": number > 4}
        decayed = {"name": "adamw", "learning_rate": {**decay, **changes}, "weight_decay": [0.3, 0.004, 0.07][number % 3]}
        decayed |= {"global_clipnorm": 0.3} if number == 5 else {}
        yield {"layers": layers[number % 4], "optimizer": decayed, "features": 1 + number % 3}


def keras_layer(case, dense, settings):
    """A layer in the words of a manifest, as Keras' object."""
    layers, regularizers = legacy_layers, legacy_regularizers
    if case["flow"] == "keras-3":
        layers, regularizers = keras_3.layers, keras_3.regularizers
    if settings.get("kind") == "dropout":
        return layers.Dropout(settings["rate"])
    settings = dict(settings)
    for key in ("kernel_regularizer", "bias_regularizer"):
        if key in settings:
            settings[key] = regularizers.L1L2(**settings[key])
    if settings["activation"] == "leaky_relu" and case["flow"] != "keras-3":
        # Keras 2 has it as a layer alone.
        leaky = layers.LeakyReLU if case["flow"] == "tf-legacy" else keras.layers.LeakyReLU
        settings["activation"] = leaky()
    return dense(**settings)


def keras_callback(flow, settings):
    """A callback in the words of a manifest, as Keras' object."""
    settings = dict(settings)
    name = settings.pop("name")
    module = legacy_callbacks if flow == "tf-legacy" else keras_3.callbacks
    if name == "learning_rate_scheduler":
        start, factor = settings.get("start_from_epoch", 1), settings.get("factor", 1.0)
        table = {row["epoch"] - 1: row["learning_rate"] for row in settings.get("rates", [])}
        return module.LearningRateScheduler(
            lambda epoch, rate: table.get(epoch, rate * factor if epoch >= start else rate)
        )
    if settings.get("monitor") == "learning_rate" and flow != "keras-3":
        settings["monitor"] = "lr"
    return {"early_stopping": module.EarlyStopping, "reduce_lr_on_plateau": module.ReduceLROnPlateau}[name](**settings)


ACTIVATIONS = ["elu", "selu", "softplus", "softsign", "exponential", "hard_sigmoid", "leaky_relu"]


def activation_cases():
    """Every case of further activations and optimizers, each with several of them."""
    if tf.__version__.startswith("2.12"):
        flows = {"tf-legacy": 28, "keras-set-random-seed": 14}
    else:
        flows = {"keras-3": 28} if tf.__version__.startswith("2.21") else {}
    for flow, count in flows.items():
        optimizers = [
            {"name": "adamax", "learning_rate": 0.01},
            {"name": "adam", "learning_rate": 0.01, "amsgrad": True},
            {"name": "adagrad", "learning_rate": 0.05, "initial_accumulator_value": 0.2},
            {"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.3},
        ]
        if flow == "tf-legacy":
            optimizers[3] = {"name": "momentum", "learning_rate": 0.01, "momentum": 0.5}
        if flow == "keras-set-random-seed":
            del optimizers[2]
        for number in range(count):
            lap = number // 7
            first, second, last = (ACTIVATIONS[(number + step) % 7] for step in (0, 1 + lap, 3 + 2 * lap))
            units = [(16, 8), (5, 3), (13, 7), (1, 4), (33, 2)][number % 5]
            case = {
                "flow": flow,
                "layers": [[units[0], first], [units[1], second], [1, last if number % 3 else "linear"]],
                "optimizer": optimizers[number % len(optimizers)],
                "loss": ["mse", "mae", "huber"][(number + lap) % 3],
                "batch_size": [32, 10, 7, 64, 9][(number + lap) % 5],
                "features": 1 + 2 * (number % 2),
                "epochs": 6,
            }
            if number % 4 == 1:
                case["validation_split"] = 0.23
            yield f"activations-{number}-{flow}", case
        output = [1, "linear"]
        for number, activation in enumerate(ACTIVATIONS if count == 28 else []):
            # One hidden layer between one input and one output, and a last layer alone.
            shape = {"flow": flow, "optimizer": optimizers[number % len(optimizers)], "epochs": 6}
            yield f"{activation}-{flow}", {**shape, "layers": [[16, activation], output]}
            yield f"last-{activation}-{flow}", {**shape, "layers": [[1, activation]], "batch_size": 9, "validation_samples": 45}


def gelu_cases():
    """Networks with gelu in each place."""
    flows = {"2.12": ["tf-legacy", "keras-set-random-seed"], "2.21": ["keras-3"]}
    gelu, output = "gelu", [1, "linear"]
    for flow in flows.get(tf.__version__[:4], []):
        for number, case in enumerate(
            (
                {"layers": [[16, gelu], output]},
                {"layers": [[1, gelu]], "batch_size": 9, "validation_samples": 45},
                {"layers": [[8, gelu], [5, gelu], [1, gelu]], "features": 3, "validation_split": 0.23},
                {"layers": [[13, "relu"], [7, gelu], output], "batch_size": 7, "loss": "mae"},
                {"layers": [[5, gelu], [1, gelu], [4, "tanh"], output], "features": 2, "batch_size": 10, "loss": "huber"},
                {"layers": [[33, gelu], [2, gelu], output], "scaling": "none", "batch_size": 64, "validation_samples": 7},
                {"layers": [[6, gelu], output], "batch_size": 1, "samples": 37},
                {"layers": [[8, gelu], [1, "sigmoid"]], "loss": "binary_crossentropy", "features": 3, "validation_split": 0.2},
            )
        ):
            yield f"gelu-{number}-{flow}", {"flow": flow, "epochs": 6, **case}


def auc_cases():
    """Trainings of two classes that measure the area under the ROC curve."""
    flows = {"2.12": "tf-legacy", "2.21": "keras-3"}
    flow = flows.get(tf.__version__[:4])
    for number, case in enumerate(
        (
            {"layers": [[16, "relu"]]},
            {"layers": [], "features": 3, "validation_split": 0.2},
            {"layers": [[5, "tanh"]], "batch_size": 7, "validation_samples": 45, "metrics": ["accuracy", "auc"]},
            {"layers": [[8, "relu"], [3, "sigmoid"]], "features": 4, "samples": 211, "validation_split": 0.3},
            {"layers": [[6, "elu"]], "scaling": "none", "batch_size": 100, "class_weight": {"0": 0.5, "1": 2.0}},
            {"layers": [[4, "relu"]], "samples": 60, "batch_size": 1, "sample_weights": True, "validation_samples": 9},
            {"layers": [[7, "relu"]], "samples": 5, "batch_size": 2, "validation_samples": 1},
            {"layers": [[8, "relu"], [2, "sigmoid"]], "features": 2, "validation_split": 0.2},
        )
    ):
        if flow:
            layers = case["layers"] if number == 7 else [*case["layers"], [1, "sigmoid"]]
            yield f"auc-{number}-{flow}", {
                "flow": flow, "epochs": 8, "loss": "binary_crossentropy", "metrics": ["auc"], **case, "layers": layers
            }


INITIALIZERS = ["glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"]


def initializer_cases():
    """Every case of further initializers, each with three of them."""
    flows = []
    if tf.__version__.startswith("2.12"):
        flows = ["tf-legacy", "keras-set-random-seed"]
    if tf.__version__.startswith("2.21"):
        flows = ["keras-3"]
    for flow in flows:
        for number in range(13):
            first, second, last = (INITIALIZERS[(number + step) % 5] for step in (0, 1 + number // 5, 3))
            units = [(16, 8), (70, 3), (5, 1), (33, 4)][number % 4]
            case = {
                "flow": flow,
                "features": 1 + number % 3,
                "layers": [[units[0], "relu", first], [units[1], "tanh", second], [1, "linear", last]],
                "loss": ["mse", "huber"][number % 2],
                "epochs": 3,
            }
            yield f"initializers-{number}-{flow}", case


def bits32(values):
    return np.asarray(values, np.float32).ravel().view(np.uint32).astype(">u4").tobytes().hex()


def bits64(value):
    return np.asarray(value, np.float64).ravel().astype(">f8").tobytes().hex()


def seeded_parts(flow, seed):
    """Seeds the flow; gives its Sequential, Dense and optimizers by name."""
    if flow == "tf-legacy":
        tf.random.set_seed(seed)
        sgd, optimizers = gradient_descent.SGD, {"adam": adam.Adam, "rmsprop": rmsprop.RMSprop}
        optimizers = {**optimizers, "adamax": adamax.Adamax, "adagrad": adagrad.Adagrad}
        return legacy_models.Sequential, legacy_layers.Dense, {"sgd": sgd, "momentum": sgd, **optimizers}
    of_flow = keras_3 if flow == "keras-3" else keras
    of_flow.utils.set_random_seed(seed)
    of = of_flow.optimizers
    optimizers = {"sgd": of.SGD, "momentum": of.SGD, "adam": of.Adam, "rmsprop": of.RMSprop}
    optimizers = {**optimizers, "adamax": of.Adamax, "adagrad": of.Adagrad, "adamw": of.AdamW}
    return of_flow.models.Sequential, of_flow.layers.Dense, optimizers


def run(case, seed):
    """One training run of a case."""
    np.random.seed(case["data_seed"])
    x_train = np.random.randint(0, 100, (case["samples"], case["features"]))
    x_test = np.random.randint(100, 200, (20, case["features"]))
    x_val = np.random.randint(0, 100, (case.get("validation_samples", 0), case["features"]))
    y_train, y_test, y_val = (labels(case, x) for x in (x_train, x_test, x_val))
    classes = "crossentropy" in str(case["loss"])
    mean, std = x_train.mean(), x_train.std()
    scale = (lambda x: (x - mean) / std) if case["scaling"] == "standard" else (lambda x: x)
    scale_y = (lambda y: y) if classes else scale

    legacy.backend.clear_session()
    keras.backend.clear_session()
    sequential, dense, optimizers = seeded_parts(case["flow"], seed)
    model = sequential([keras_layer(case, dense, layer) for layer in case["layers"]])
    settings = dict(case["optimizer"])
    if isinstance(settings.get("learning_rate"), dict):
        schedules = learning_rate_schedule if case["flow"] == "tf-legacy" else keras_3.optimizers.schedules
        schedule = dict(settings["learning_rate"])
        settings["learning_rate"] = {"exponential_decay": schedules.ExponentialDecay}[schedule.pop("name")](**schedule)
    optimizer = optimizers[settings.pop("name")](**settings)
    of = {"tf-legacy": legacy, "keras-3": keras_3}.get(case["flow"], keras)
    classes_of_metrics = {"rmse": of.metrics.RootMeanSquaredError, "auc": of.metrics.AUC}
    metrics = [classes_of_metrics.get(name, lambda name: name)(name=name) for name in case.get("metrics", [])]
    model.compile(optimizer=optimizer, loss=loss_of(case, of.losses), metrics=metrics)
    validation = {}
    if "validation_split" in case:
        validation["validation_split"] = case["validation_split"]
    if "validation_samples" in case:
        validation["validation_data"] = (scale(x_val), scale_y(y_val))
    more = {}
    if "class_weight" in case:
        more["class_weight"] = {int(label): weight for label, weight in case["class_weight"].items()}
    if case.get("sample_weights"):
        more["sample_weight"] = weights(case["samples"])
        if "validation_data" in validation:
            validation["validation_data"] += (weights(len(x_val)),)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        history = model.fit(
            scale(x_train),
            scale_y(y_train),
            batch_size=case["batch_size"],
            epochs=case["epochs"],
            shuffle=case["shuffle"],
            verbose=2 if case.get("prints") else 0,
            callbacks=[keras_callback(case["flow"], callback) for callback in case.get("callbacks", [])],
            **validation,
            **more,
        )
    lines = re.findall(r"^\d+/\d+ - \d+s(?: - [\d.]+[mun]?s/step)? - (.*)$", printed.getvalue(), re.MULTILINE)
    predictions = model.predict(scale(x_test), verbose=0)

    others = ("loss", "val_loss", "lr", "learning_rate")
    metrics = {key: bits32(values) for key, values in history.history.items() if key not in others}
    errors = {}
    if not classes and predictions.shape[1] == 1:
        numpy1 = numpy2 = predictions
        if case["scaling"] == "standard":
            numpy1 = predictions * np.float32(std) + np.float32(mean)
            numpy2 = predictions.astype(np.float64) * std + mean
        errors["rmse_numpy1"] = bits64(np.sqrt(np.mean((numpy1 - y_test) ** 2)))
        errors["rmse_numpy2"] = bits64(np.sqrt(np.mean((numpy2 - y_test) ** 2)))
    return {
        "seed": seed,
        "losses": bits32(history.history["loss"]),
        **({"val_losses": bits32(history.history["val_loss"])} if validation else {}),
        **{"learning_rates": bits32(history.history[key]) for key in ("lr", "learning_rate") if key in history.history},
        "weights": "".join(bits32(array) for array in model.get_weights()),
        "predictions": bits32(predictions),
        **errors,
        **({"metrics": metrics} if metrics else {}),
        **({"lines": lines} if case.get("prints") else {}),
    }


def processor():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def manifest_layer(first, second, settings=None):
    """A layer in the words of a manifest: of units, activation and what else it has or how its kernel is drawn, or of "dropout"
    and a rate."""
    if first == "dropout":
        return {"kind": "dropout", "rate": second}
    if isinstance(settings, str):
        settings = {"kernel_initializer": settings}
    return {"units": first, "activation": second, **(settings or {})}


def record(path, cases, wanted):
    """Runs the cases and writes them to the file."""
    recorded = {}
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            recorded = {case["name"]: case for case in json.load(file)["cases"]}
    environment = {"tensorflow": tf.__version__, "numpy": np.__version__, "processor": processor()}
    for name, changes in cases:
        if wanted and name not in wanted:
            continue
        case = {**BASE, **changes}
        case["layers"] = [manifest_layer(*layer) for layer in case["layers"]]
        seeds = SEEDS
        if name.startswith("base"):
            seeds = POST_SEEDS
        several = "crossentropy" not in name and case["layers"][-1]["units"] > 1
        of_old_classes = "classification" in path and case["flow"] == "keras-set-random-seed"
        if "-tf-2" in name and not name.startswith("rmsprop") or several or of_old_classes:
            seeds = SEEDS[:1]
        runs = [run(case, seed) for seed in seeds]
        recorded[name] = {"name": name, **environment, **case, "runs": runs}
        print(name, flush=True)
        with open(path, "w", encoding="ascii") as file:
            json.dump({"cases": list(recorded.values())}, file, separators=(",", ":"))
            file.write("\n")


def main():
    folder, wanted = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    record(os.path.join(folder, "recorded.json"), cases(), wanted)
    record(os.path.join(folder, "validation.json"), validation_cases(), wanted)
    file = "classification.json" if tf.__version__.startswith("2.12") else "classification-keras-3.json"
    record(os.path.join(folder, file), itertools.chain(classification_cases(), auc_cases()), wanted)
    record(os.path.join(folder, "keras-3.json"), keras_3_cases(), wanted)
    record(os.path.join(folder, "activations.json"), itertools.chain(activation_cases(), gelu_cases()), wanted)
    record(os.path.join(folder, "initializers.json"), initializer_cases(), wanted)
    ending = "-keras-3" if tf.__version__.startswith("2.21") else ""
    record(os.path.join(folder, f"fitting{ending}.json"), fitting_cases(), wanted)
    record(os.path.join(folder, f"combined{ending}.json"), itertools.chain(combined_cases(), line_cases()), wanted)


if __name__ == "__main__":
    main()
