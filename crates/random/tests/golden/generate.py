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

RANGES = {
    "bool": [(0, 2), (0, 1), (1, 2)],
    "int8": [(-128, 128), (-128, 127), (0, 1), (-7, -6), (0, 100), (-3, 4), (0, 128), (0, 65), (-128, 0)],
    "uint8": [(0, 256), (0, 255), (255, 256), (0, 2), (1, 200), (0, 129)],
    "int16": [(-(2**15), 2**15), (-(2**15), 2**15 - 1), (5, 6), (0, 256), (0, 257), (-1000, 1000), (-1, 1)],
    "uint16": [(0, 2**16), (0, 2**16 - 1), (2**16 - 1, 2**16), (0, 3), (0, 2**15 + 1), (100, 60000)],
    "int32": [(-(2**31), 2**31), (-(2**31), 2**31 - 1), (-9, -8), (0, 100), (0, 2**30 + 1), (-5, 5)],
    "uint32": [(0, 2**32), (0, 2**32 - 1), (1, 2**32), (7, 8), (0, 2**31 + 1), (10, 20)],
    "int64": [
        (-(2**63), 2**63), (-(2**63), 2**63 - 1), (-1, 0), (0, 100), (0, 2**32 - 1), (0, 2**32), (0, 2**32 + 1),
        (-(2**31), 2**31), (-(2**31), 2**31 + 1), (-(2**40), 2**40), (0, 2**62 + 1), (-10, 2**33),
    ],
    "uint64": [
        (0, 2**64), (0, 2**64 - 1), (2**64 - 1, 2**64), (0, 2**32 - 1), (0, 2**32), (0, 2**32 + 1), (1, 2**32 + 1),
        (2**63, 2**64), (0, 2**63 + 1), (2**64 - 2**32, 2**64), (0, 10),
    ],
}
SEEDS = [0, 1, 42, 1234, 2**31, 2**32 - 1]
LISTS = [[0], [5], [1, 2, 3], [2**32 - 1] * 4, list(range(623)), list(range(624)), list(range(625)), list(range(1500))]


class Recorder:
    """Calls methods of a RandomState and keeps what they were and gave."""

    def __init__(self, seed):
        self.seed = seed
        self.state = np.random.RandomState(seed)
        self.calls = []

    def keep(self, call, out, **arguments):
        self.calls.append({"call": call, **arguments, "out": result(out)})

    def randint(self, dtype, low, high, size):
        out = self.state.randint(low, high, size, dtype=dtype)
        self.keep("randint", integers(out), dtype=dtype, low=str(low), high=str(high), size=size)

    def random_sample(self, size):
        self.keep("random_sample", bits64(self.state.random_sample(size)), size=size)

    def uniform(self, low, high, size):
        self.keep("uniform", bits64(self.state.uniform(low, high, size)), low=low, high=high, size=size)

    def standard_normal(self, size):
        self.keep("standard_normal", bits64(self.state.standard_normal(size)), size=size)

    def permutation(self, n):
        self.keep("permutation", integers(self.state.permutation(n)), n=n)

    def shuffle(self, n):
        array = np.arange(100, 100 + n)
        self.state.shuffle(array)
        self.keep("shuffle", integers(array), n=n)

    def choice(self, n, size, replace):
        self.keep("choice", integers(self.state.choice(n, size, replace=replace)), n=n, size=size, replace=replace)

    def entry(self):
        # A last word shows that both streams stand at the same place.
        self.randint("uint32", 0, 2**32, 1)
        return {"seed": self.seed, "calls": self.calls}


def numpy_golden():
    scenarios = []

    for dtype, ranges in RANGES.items():
        for seed in SEEDS[:4]:
            recorder = Recorder(seed)
            for low, high in ranges:
                recorder.randint(dtype, low, high, 7)
                recorder.randint(dtype, low, high, 1)
            scenarios.append(recorder.entry())
        recorder = Recorder(99)
        for low, high in ranges:
            recorder.randint(dtype, low, high, 3001)
        scenarios.append(recorder.entry())

    for seed in SEEDS + LISTS:
        recorder = Recorder(seed)
        recorder.randint("int64", 0, 100, 20)
        recorder.random_sample(5)
        recorder.standard_normal(3)
        recorder.randint("uint8", 0, 256, 3)
        recorder.standard_normal(2)
        recorder.uniform(-1.5, 0.1, 4)
        recorder.standard_normal(1)
        recorder.permutation(10)
        recorder.shuffle(9)
        recorder.choice(50, 5, True)
        recorder.choice(50, 5, False)
        scenarios.append(recorder.entry())

    recorder = Recorder(3)
    for n in [0, 1, 2, 3, 4, 5, 16, 17, 33, 100, 1000, 70000]:
        recorder.permutation(n)
        recorder.shuffle(n)
    scenarios.append(recorder.entry())

    recorder = Recorder(4)
    recorder.random_sample(2000)
    recorder.standard_normal(4001)
    recorder.uniform(0.0, 1e-3, 1001)
    recorder.uniform(5.0, 5.0, 3)
    recorder.uniform(2.0, -2.0, 6)
    recorder.uniform(-1e300, 1e300, 3)
    recorder.random_sample(0)
    recorder.standard_normal(0)
    recorder.randint("int64", 5, 5, 0)
    recorder.choice(1, 3, True)
    recorder.choice(6, 6, False)
    recorder.choice(6, 0, False)
    recorder.choice(6, 0, True)
    recorder.choice(0, 0, True)
    recorder.choice(0, 0, False)
    recorder.choice(1000, 50, True)
    recorder.choice(1000, 50, False)
    scenarios.append(recorder.entry())

    # Each narrow call drops the rest of its last word, so the calls of one element each take a whole word.
    recorder = Recorder(6)
    for _ in range(5):
        recorder.randint("bool", 0, 2, 1)
        recorder.randint("uint8", 0, 200, 2)
        recorder.randint("int16", -5, 9, 1)
        recorder.randint("uint64", 0, 2**32 + 1, 1)
        recorder.randint("bool", 0, 2, 33)
        recorder.randint("int8", 0, 1, 5)
    scenarios.append(recorder.entry())

    # The blog post's data: 100 and 20 ages after numpy.random.seed(1234).
    recorder = Recorder(1234)
    recorder.randint("int64", 0, 100, 100)
    recorder.randint("int64", 100, 200, 20)
    scenarios.append(recorder.entry())

    errors = []

    def refuse(call, run, **arguments):
        try:
            run(np.random.RandomState(0))
        except (ValueError, OverflowError) as error:
            errors.append({"call": call, **arguments, "message": str(error)})
        else:
            raise AssertionError(f"{call} {arguments} is no error")

    for dtype, low, high in [
        ("int64", 5, 5), ("int64", 0, 0), ("int8", 7, 3), ("int8", -129, 3), ("int8", 0, 129), ("int8", -200, 300),
        ("int8", 300, 200), ("uint8", -1, 3), ("uint8", 0, 257), ("int16", -(2**15) - 1, 0), ("int16", 0, 2**15 + 1),
        ("uint16", 0, 2**16 + 1), ("int32", 0, 2**31 + 1), ("uint32", 0, 2**32 + 1), ("uint32", -1, 1),
        ("int64", 0, 2**63 + 1), ("int64", -(2**63) - 1, 0), ("uint64", 0, 2**64 + 1), ("uint64", -1, 5),
        ("bool", 0, 3), ("bool", -1, 1), ("bool", 1, 1),
    ]:
        run = lambda r: r.randint(low, high, 1, dtype=dtype)
        refuse("randint", run, dtype=dtype, low=str(low), high=str(high), size=1)
    refuse("uniform", lambda r: r.uniform(-1e308, 1e308, 2), low=-1e308, high=1e308, size=2)
    refuse("uniform", lambda r: r.uniform(-1e308, 1e308, 0), low=-1e308, high=1e308, size=0)
    refuse("choice", lambda r: r.choice(0, 1), n=0, size=1, replace=True)
    refuse("choice", lambda r: r.choice(0, 1, replace=False), n=0, size=1, replace=False)
    refuse("choice", lambda r: r.choice(3, 4, replace=False), n=3, size=4, replace=False)
    refuse("from_array", lambda r: np.random.RandomState([]))
    write("numpy.json", {"numpy": np.__version__, "scenarios": scenarios, "errors": errors})


# CPython

def cpython_golden():
    entries = []
    seeds = [0, 1, 2, 7, 42, 1234, -1, -5, -1234, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 17, -(2**32) - 17]
    seeds += [2**40 + 3, 10**18 + 7, 2**63 - 1, -(2**63)]
    pairs = [(0, 2**31 - 1), (1, 10**9), (0, 0), (-3, 3), (0, 2**32 - 1), (0, 2**32), (-(2**63), 2**63 - 1), (5, 2**50)]
    for seed in seeds:
        generator = random.Random(seed)
        bits = [[k, str(generator.getrandbits(k))] for k in [32, 1, 31, 0, 33, 64, 65, 96, 100, 128, 7]]
        draws = [[str(a), str(b), integers(generator.randint(a, b) for _ in range(4))] for a, b in pairs]
        many = result(integers(generator.randint(0, 2**31 - 1) for _ in range(1000)))
        entries.append({"seed": str(seed), "getrandbits": bits, "randint": draws, "thousand_op_seeds": many})
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

    eager, explicit, graph, shuffles, stateless = [], [], [], [], []
    for seed in GLOBAL_SEEDS:
        tf.random.set_seed(seed)
        calls = []
        for size, low, high in [(1, 0.0, 1.0), (5, 0.0, 1.0), (7, -0.25, 0.75), (13, 10.0, 10.1), (4, 3.0, -3.0), (999, 0.0, 1.0)]:
            out = tf.random.uniform([size], low, high).numpy()
            calls.append({"size": size, "low": low, "high": high, "out": result(bits32(out))})
        eager.append({"seed": str(seed), "calls": calls})

        tf.random.set_seed(seed)
        calls = []
        for op_seed in [5, 0, -7, 2**31 - 1, 2**33 + 1]:
            outs = [bits32(tf.random.uniform([size], seed=op_seed).numpy()) for size in [3, 16, 0, 7]]
            calls.append({"op_seed": str(op_seed), "out": outs})
        # Ops with their own seed take no draw: this one is the first.
        explicit.append({"seed": str(seed), "kernels": calls, "then": bits32(tf.random.uniform([3]).numpy())})

        tf.random.set_seed(seed)

        @tf.function
        def three():
            return tf.random.uniform([5]), tf.random.shuffle(tf.range(6)), tf.random.uniform([2])

        runs = []
        for _ in range(3):
            first, order, second = three()
            runs.append([bits32(first), integers(order), bits32(second)])
        graph.append({"seed": str(seed), "runs": runs})

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

    content = {"tensorflow": tf.__version__, "eager": eager, "explicit": explicit, "graph": graph, "shuffles": shuffles}
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
    content["data"] = {key: published["data"][key] for key in ["np_seed", "X_train", "X_test"]}
    for key in ["philox_kat", "u32_to_f32", "mt19937", "op_vectors"]:
        content[key] = published[key]
    content["seeds"] = {
        seed: {key: entry[key] for key in ["legacy", "pyrandom", "shuffle"]} for seed, entry in published["seeds"].items()
    }
    write("keras.json", content)


if __name__ == "__main__":
    numpy_golden()
    cpython_golden()
    if len(sys.argv) > 1:
        keras_golden(sys.argv[1])
    tensorflow_golden()
