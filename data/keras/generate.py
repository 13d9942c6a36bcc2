#!/usr/bin/env python3
"""Records what real Keras computes: golden training runs of Dense networks, to the bit.

    python generate.py OUTPUT_FOLDER [CASE ...]

Needs TensorFlow with the NumPy it asks for, on an x86-64 CPU with AVX-512 and with oneDNN's default settings: other
instruction sets and `TF_ENABLE_ONEDNN_OPTS=0` sum in another order. tensorflow-cpu 2.12.x records every case but those named
after another version; 2.15.x, and 2.21.x with tf_keras, record those of their version. Reads
`OUTPUT_FOLDER/recorded.json` if it is there and replaces the cases that were run, or the CASEs that are named; all others
stay. Cases with a validation are in `OUTPUT_FOLDER/validation.json`, which is treated alike.

Each case is the program of the post with some settings changed:

    np.random.seed(data_seed)
    X_train = np.random.randint(0, 100, (samples, features)); X_test = np.random.randint(100, 200, (20, features))
    y = X + 10                                      # of several features: their sum + 10
    mean, std = X_train.mean(), X_train.std()       # scaling standard: (X - mean) / std and (y - mean) / std
    Sequential of Dense layers; compile(optimizer, loss); fit(batch_size, epochs, shuffle); predict(X_test)

With `validation_split`, fit gets that; with `validation_samples`, as many rows X_val = np.random.randint(0, 100, ...) are drawn
after X_test, and fit gets them as validation_data.

The file, with every float as big-endian hexadecimal bits, eight digits a float32, written without separators:

    cases               a list of
        name            of the case
        tensorflow, numpy, processor
                        versions, and what the processor calls itself
        flow            "tf-legacy": tensorflow.python.keras after tf.random.set_seed(seed)
                        "keras-set-random-seed": tf.keras after tf.keras.utils.set_random_seed(seed), with its
                        optimizers of 2.11 and later
        data_seed, samples, features, scaling, layers, optimizer, loss, batch_size, epochs, shuffle
                        the settings, in the words of a manifest
        validation_split or validation_samples
                        of the cases with a validation
        runs            a list of
            seed
            losses      one float32 an epoch
            val_losses  one float32 an epoch, of the cases with a validation
            weights     final: kernel, bias, kernel, bias, ...; kernels row-major [inputs, units]
            predictions of X_test, as predicted (before restoring)
            rmse_numpy1, rmse_numpy2
                        sqrt(mean((prediction restored - y)**2)), sixteen digits of float64: predictions * std + mean
                        in float32 as NumPy 1 promotes, in float64 as NumPy 2 does (the same without scaling)
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.python import keras as legacy
from tensorflow.python.distribute import input_lib
from tensorflow.python.keras import layers as legacy_layers
from tensorflow.python.keras import models as legacy_models
from tensorflow.python.keras.optimizer_v2 import adam, gradient_descent, rmsprop

if tf.__version__.startswith("2.21"):
    import tf_keras as keras
else:
    keras = tf.keras
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


def bits32(values):
    return np.asarray(values, np.float32).ravel().view(np.uint32).astype(">u4").tobytes().hex()


def bits64(value):
    return np.asarray(value, np.float64).ravel().astype(">f8").tobytes().hex()


def seeded_parts(flow, seed):
    """Seeds the flow; gives its Sequential, Dense and optimizers by name."""
    if flow == "tf-legacy":
        tf.random.set_seed(seed)
        sgd, optimizers = gradient_descent.SGD, {"adam": adam.Adam, "rmsprop": rmsprop.RMSprop}
        return legacy_models.Sequential, legacy_layers.Dense, {"sgd": sgd, "momentum": sgd, **optimizers}
    keras.utils.set_random_seed(seed)
    of = keras.optimizers
    optimizers = {"sgd": of.SGD, "momentum": of.SGD, "adam": of.Adam, "rmsprop": of.RMSprop}
    return keras.models.Sequential, keras.layers.Dense, optimizers


def run(case, seed):
    """One training run of a case."""
    np.random.seed(case["data_seed"])
    x_train = np.random.randint(0, 100, (case["samples"], case["features"]))
    x_test = np.random.randint(100, 200, (20, case["features"]))
    x_val = np.random.randint(0, 100, (case.get("validation_samples", 0), case["features"]))
    y_train, y_test, y_val = (x.sum(axis=1, keepdims=True) + 10 for x in (x_train, x_test, x_val))
    mean, std = x_train.mean(), x_train.std()
    scale = (lambda x: (x - mean) / std) if case["scaling"] == "standard" else (lambda x: x)

    legacy.backend.clear_session()
    keras.backend.clear_session()
    sequential, dense, optimizers = seeded_parts(case["flow"], seed)
    model = sequential([dense(**layer) for layer in case["layers"]])
    settings = dict(case["optimizer"])
    optimizer = optimizers[settings.pop("name")](**settings)
    model.compile(optimizer=optimizer, loss=case["loss"])
    validation = {}
    if "validation_split" in case:
        validation["validation_split"] = case["validation_split"]
    if "validation_samples" in case:
        validation["validation_data"] = (scale(x_val), scale(y_val))
    history = model.fit(
        scale(x_train),
        scale(y_train),
        batch_size=case["batch_size"],
        epochs=case["epochs"],
        shuffle=case["shuffle"],
        verbose=0,
        **validation,
    )
    predictions = model.predict(scale(x_test), verbose=0)

    if case["scaling"] == "standard":
        numpy1 = predictions * np.float32(std) + np.float32(mean)
        numpy2 = predictions.astype(np.float64) * std + mean
    else:
        numpy1 = numpy2 = predictions
    return {
        "seed": seed,
        "losses": bits32(history.history["loss"]),
        **({"val_losses": bits32(history.history["val_loss"])} if validation else {}),
        "weights": "".join(bits32(array) for array in model.get_weights()),
        "predictions": bits32(predictions),
        "rmse_numpy1": bits64(np.sqrt(np.mean((numpy1 - y_test) ** 2))),
        "rmse_numpy2": bits64(np.sqrt(np.mean((numpy2 - y_test) ** 2))),
    }


def processor():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


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
        case["layers"] = [{"units": units, "activation": activation} for units, activation in case["layers"]]
        seeds = SEEDS
        if name.startswith("base"):
            seeds = POST_SEEDS
        if "-tf-" in name:
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


if __name__ == "__main__":
    main()
