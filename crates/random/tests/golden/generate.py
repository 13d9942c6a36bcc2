"""Makes numpy.json, cpython.json, tensorflow.json and keras.json from NumPy, CPython, TensorFlow and Keras themselves.

    python3 -m venv /tmp/tf212 && /tmp/tf212/bin/pip install 'tensorflow-cpu==2.12.*'
    /tmp/tf212/bin/python tests/golden/generate.py [PUBLISHED]

Python 3.11 has wheels for that TensorFlow, which carries two Keras: `tensorflow.python.keras`, frozen at the time of
2.5, and Keras 2.12. The tests read the four files next to this script and nothing else.

Numbers stand in strings, separated by spaces; floats are the hexadecimal bits, 8 digits for float32 and 16 for float64.
A long result is given by the SHA-256 of that string instead.

PUBLISHED is the JSON file of the recorded Keras runs of the blog post's program on several versions. With it, keras.json
is cut from it again; without it, keras.json stays as it is.
"""

import hashlib
import json
import os
import random
import struct
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = 120


def bits32(values):
    return " ".join(struct.pack(">f", v).hex() for v in np.asarray(values, np.float32).reshape(-1))


def bits64(values):
    return " ".join(struct.pack(">d", v).hex() for v in np.asarray(values, np.float64).reshape(-1))


def integers(values):
    return " ".join(str(int(v)) for v in values)


def result(text):
    if text.count(" ") < LONG:
        return text
    return "sha256 " + hashlib.sha256(text.encode()).hexdigest()


def write(name, content):
    """One line an entry of the top-level lists and maps, so that a change shows as a line."""
    parts = []
    for key, value in content.items():
        dump = lambda x: json.dumps(x, separators=(",", ":"))
        if isinstance(value, list):
            body = "[\n" + ",\n".join(dump(x) for x in value) + "\n]"
        elif isinstance(value, dict):
            body = "{\n" + ",\n".join(f"{json.dumps(k)}:{dump(v)}" for k, v in value.items()) + "\n}"
        else:
            body = dump(value)
        parts.append(f"{json.dumps(key)}:{body}")
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    assert json.loads(text) == content
    assert len(text) < 150_000, (name, len(text))
    with open(os.path.join(HERE, name), "w") as file:
        file.write(text)
    print(name, len(text), "bytes")


# NumPy

RANGES = [
    (-(2**63), 2**63 - 1), (-1, 0), (0, 100), (0, 2**32 - 1), (0, 2**32), (0, 2**32 + 1), (-(2**31), 2**31),
    (-(2**31), 2**31 + 1), (-(2**40), 2**40), (0, 2**62 + 1), (-10, 2**33), (0, 1), (-5, 5), (0, 65), (0, 2**30 + 1),
]
SEEDS = [0, 1, 42, 1234, 2**31, 2**32 - 1]


class Recorder:
    """Calls methods of a RandomState and keeps what they were and gave."""

    def __init__(self, seed):
        self.seed = seed
        self.state = np.random.RandomState(seed)
        self.calls = []

    def keep(self, call, out, **arguments):
        self.calls.append({"call": call, **arguments, "out": result(out)})

    def randint(self, low, high, size):
        out = self.state.randint(low, high, size, dtype="int64")
        self.keep("randint", integers(out), low=low, high=high, size=size)

    def uniform(self, low, high, size):
        self.keep("uniform", bits64(self.state.uniform(low, high, size)), low=low, high=high, size=size)

    def normal(self, loc, scale, size):
        self.keep("normal", bits64(self.state.normal(loc, scale, size)), loc=loc, scale=scale, size=size)

    def permutation(self, n):
        self.keep("permutation", integers(self.state.permutation(n)), n=n)

    def shuffle(self, n):
        array = np.arange(100, 100 + n)
        self.state.shuffle(array)
        self.keep("shuffle", integers(array), n=n)

    def entry(self):
        # A last word shows that both streams stand at the same place.
        self.randint(0, 2**32, 1)
        return {"seed": self.seed, "calls": self.calls}


def numpy_golden():
    scenarios = []

    for seed in SEEDS:
        recorder = Recorder(seed)
        for low, high in RANGES:
            recorder.randint(low, high, 7)
            recorder.randint(low, high, 1)
            recorder.randint(low, high, 0)
        recorder.uniform(-1.5, 0.1, 4)
        recorder.permutation(10)
        recorder.shuffle(9)
        scenarios.append(recorder.entry())

    recorder = Recorder(99)
    for low, high in RANGES:
        recorder.randint(low, high, 3001)
    for n in [0, 1, 2, 3, 4, 5, 16, 17, 33, 100, 1000, 70000]:
        recorder.permutation(n)
        recorder.shuffle(n)
    recorder.uniform(0.0, 1e-3, 1001)
    recorder.uniform(5.0, 5.0, 3)
    recorder.uniform(2.0, -2.0, 6)
    recorder.uniform(-8e307, 8e307, 3)
    scenarios.append(recorder.entry())

    # The blog post's data: 100 and 20 ages after numpy.random.seed(1234).
    recorder = Recorder(1234)
    recorder.randint(0, 100, 100)
    recorder.randint(100, 200, 20)
    scenarios.append(recorder.entry())

    # Normal numbers come in pairs, of which other draws leave the second; logarithms must be those of a processor with fused
    # multiply-adds.
    for seed in SEEDS:
        recorder = Recorder(seed)
        recorder.normal(0.0, 1.0, 3)
        recorder.randint(0, 100, 2)
        recorder.uniform(-1.0, 1.0, 1)
        recorder.normal(-3.5, 0.1, 1)
        recorder.shuffle(5)
        recorder.normal(1e6, 250.0, 50_000)
        recorder.normal(2.0, 0.0, 2)
        recorder.normal(0.0, 1e-300, 0)
        scenarios.append(recorder.entry())

    write("numpy.json", {"numpy": np.__version__, "scenarios": scenarios})


# CPython

def cpython_golden():
    entries = []
    seeds = [0, 1, 2, 7, 42, 1234, -1, -5, -1234, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 17, -(2**32) - 17]
    seeds += [2**40 + 3, 10**18 + 7, 2**63 - 1, -(2**63)]
    pairs = [(0, 2**31 - 1), (1, 10**9), (0, 0), (-3, 3), (0, 2**32 - 1), (0, 2**32), (-(2**63), 2**63 - 1), (5, 2**50)]
    for seed in seeds:
        generator = random.Random(seed)
        draws = [[str(a), str(b), integers(generator.randint(a, b) for _ in range(4))] for a, b in pairs]
        many = result(integers(generator.randint(0, 2**31 - 1) for _ in range(1000)))
        entries.append({"seed": str(seed), "randint": draws, "thousand_op_seeds": many})
    write("cpython.json", {"python": sys.version.split()[0], "streams": entries})


# TensorFlow and Keras

GLOBAL_SEEDS = [0, 1, 42, 1234, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1, 2**32 + 17, 2**40 + 3, 10**18 + 7, -1, -5, -(2**31)]
KERAS_SEEDS = [0, 1, 7, 26, 42, 1234, 2**31 - 1, 2**31, 2**32 - 1]
# keras.utils.set_random_seed refuses these, because numpy.random.seed does.
WIDE_SEEDS = [-5, 2**32 + 17]
MODELS = [[1, 1], [1, 16, 1], [1, 8, 4, 1], [3, 5], [2, 64, 32, 1], [13, 7, 3, 2]]
ORDERS = [(2, 32, 9), (3, 32, 9), (5, 2, 6), (33, 32, 4), (100, 32, 3), (100, 7, 3), (257, 64, 3), (1000, 32, 3), (1, 32, 3)]


def tensorflow_golden():
    import tensorflow as tf

    eager, shuffles, stateless = [], [], []
    for seed in GLOBAL_SEEDS:
        tf.random.set_seed(seed)
        calls = []
        for size, low, high in [(1, 0.0, 1.0), (5, 0.0, 1.0), (7, -0.25, 0.75), (13, 10.0, 10.1), (4, 3.0, -3.0), (999, 0.0, 1.0)]:
            out = tf.random.uniform([size], low, high).numpy()
            calls.append({"size": size, "low": low, "high": high, "out": result(bits32(out))})
        eager.append({"seed": str(seed), "calls": calls})

    for seed, op_seed in [(9, 3), (42, 0), (-5, 2**32 + 1)]:
        for n in [0, 1, 2, 3, 4, 5, 6, 33, 100, 1000]:
            tf.random.set_seed(seed)
            orders = [result(integers(tf.random.shuffle(tf.range(n), seed=op_seed).numpy())) for _ in range(4)]
            shuffles.append({"seed": str(seed), "op_seed": str(op_seed), "n": n, "orders": orders})

    for seed in [[0, 0], [1, 0], [0, 1], [-3, 12], [686579304, 0], [10**9, 0], [2**40 + 3, -(2**50)], [-(2**63), 2**63 - 1]]:
        for size, low, high in [(0, 0.0, 1.0), (9, 0.0, 1.0), (6, -0.5, 0.5), (5, -7.25, 1e-3), (3001, -1.0, 1.0)]:
            out = tf.random.stateless_uniform([size], tf.constant(seed, tf.int64), low, high).numpy()
            entry = {"seed": [str(s) for s in seed], "size": size, "low": low, "high": high}
            stateless.append({**entry, "out": result(bits32(out))})

    flows = {"tf_legacy": legacy_modules(), "keras_set_random_seed": keras_modules()}
    kernels, orders = [], []
    for flow, (set_seed, Sequential, Dense, Model) in flows.items():
        wide = WIDE_SEEDS if flow == "tf_legacy" else []
        for seed in KERAS_SEEDS + wide:
            for widths in MODELS:
                set_seed(seed)
                layers = [Dense(width) for width in widths[1:]]
                model = Sequential(layers)
                model(np.zeros((1, widths[0]), np.float32))
                out = [result(bits32(layer.get_weights()[0])) for layer in layers]
                assert all(not layer.get_weights()[1].any() for layer in layers)
                kernels.append({"flow": flow, "seed": seed, "widths": widths, "layers": out})
        for seed in [0, 42, 2**31 - 1, 2**31] + wide:
            for samples, batch_size, epochs in ORDERS:
                set_seed(seed)
                seen = epoch_orders(Model, samples, batch_size, epochs)
                entry = {"flow": flow, "seed": seed, "samples": samples, "batch_size": batch_size}
                orders.append({**entry, "epochs": [result(integers(order)) for order in seen]})

    content = {"tensorflow": tf.__version__, "eager": eager, "shuffles": shuffles}
    write("tensorflow.json", {**content, "stateless": stateless, "kernels": kernels, "orders": orders})


def legacy_modules():
    import tensorflow as tf
    from tensorflow.python.keras import layers, models

    return tf.random.set_seed, models.Sequential, layers.Dense, models.Model


def keras_modules():
    import keras

    return keras.utils.set_random_seed, keras.Sequential, keras.layers.Dense, keras.Model


def epoch_orders(Model, samples, batch_size, epochs):
    """What `fit` feeds to the train step, epoch by epoch."""
    import tensorflow as tf

    seen = []

    class Watcher(Model):
        def train_step(self, data):
            batch = data[0] if isinstance(data, tuple) else data
            seen.extend(batch.numpy().reshape(-1).tolist())
            return {"loss": tf.constant(0.0)}

    model = Watcher()
    model.compile(run_eagerly=True)
    model.fit(np.arange(samples, dtype=np.int64), batch_size=batch_size, epochs=epochs, shuffle=True, verbose=0)
    orders = [seen[i : i + samples] for i in range(0, len(seen), samples)]
    assert len(orders) == epochs and all(sorted(order) == list(range(samples)) for order in orders)
    return orders


def keras_golden(path):
    with open(path) as file:
        published = json.load(file)
    content = {"source": "recorded runs of the blog post's program: TensorFlow 2.4.1, 2.5.0, 2.12.1, tf_keras 2.21, keras 3.15"}
    for key in ["philox_kat", "u32_to_f32"]:
        content[key] = published[key]
    parts = ["epoch1", "epoch2", "epoch100", "sha256_all100"]
    content["orders"] = {
        seed: {part: entry["shuffle"][part] for part in parts} for seed, entry in published["seeds"].items()
    }
    write("keras.json", content)


if __name__ == "__main__":
    numpy_golden()
    cpython_golden()
    if len(sys.argv) > 1:
        keras_golden(sys.argv[1])
    tensorflow_golden()
