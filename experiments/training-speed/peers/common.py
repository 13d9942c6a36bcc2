"""The protocol of the peers: one JSON object a line on standard input and output.

Import it before any framework: it keeps standard output for the protocol (a framework's own chatter goes to
standard error) and sets one CPU thread. Requests and answers, in this order:

    → (start)                              ← {"peer": name, "versions": {...}}
    → {"prepare": task, see Task}          ← {"ready": {"seconds": s}}       build, compile, one training as warm-up
    → {"train": {"seed": n}}               ← {"trained": {"seconds": s, "steps": k, "first_loss": a, "last_loss": b}}

A training starts from fresh weights of its seed. `seconds` covers the training until its last number is there.
With several trials the seeds are seed, seed + 1, ...; `steps` counts those of all trials and a loss is the mean
over the trials of the epoch's mean. A failure answers {"error": text} and exits with 1.
"""

import dataclasses
import importlib.metadata
import json
import os
import platform
import sys
import time
import traceback

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
os.environ["TF_NUM_INTEROP_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def _answer(message):
    _answers.write(json.dumps(message) + "\n")
    _answers.flush()


def _fail(kind, error, trace):
    """The hook for uncaught exceptions: they reach the caller as a line, whole on standard error."""
    traceback.print_exception(kind, error, trace)
    _answer({"error": f"{kind.__name__}: {error}"})


sys.excepthook = _fail

import numpy as np  # noqa: E402: it reads the thread counts above

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid")


@dataclasses.dataclass(frozen=True)
class Task:
    """What to train: x (rows, features) and y (rows, outputs) in float32, layers as (units, activation) pairs."""

    x: np.ndarray
    y: np.ndarray
    layers: list
    learning_rate: float
    beta_1: float
    beta_2: float
    epsilon: float
    batch_size: int
    epochs: int
    trials: int

    @property
    def rows(self):
        return len(self.x)

    @property
    def steps_per_epoch(self):
        return -(-self.rows // self.batch_size)

    @property
    def widths(self):
        """Features, then the units of every layer."""
        return [self.x.shape[1]] + [units for units, _ in self.layers]


def parse(request):
    x = np.array(request["x"], np.float32)
    y = np.array(request["y"], np.float32)
    y = y[:, None] if y.ndim == 1 else y
    layers = [(int(layer["units"]), layer["activation"]) for layer in request["layers"]]
    optimizer = request["optimizer"]
    counts = {name: int(request.get(name, 1)) for name in ("batch_size", "epochs", "trials")}
    require(x.ndim == 2 and x.size > 0, "x must be a list of rows of equal length")
    require(layers and y.shape == (len(x), layers[-1][0]), "y must have one row for each of x, as wide as the last layer")
    require(min(units for units, _ in layers) > 0 and min(counts.values()) > 0, "sizes must be positive")
    for _, activation in layers:
        require(activation in ACTIVATIONS, f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation}")
    require(optimizer["type"] == "adam", f"optimizer must be adam, got {optimizer['type']}")
    require(request["loss"] == "mse", f"loss must be mse, got {request['loss']}")
    numbers = {name: float(optimizer[name]) for name in ("learning_rate", "beta_1", "beta_2", "epsilon")}
    return Task(x=x, y=y, layers=layers, **numbers, **counts)


def require(condition, message):
    if not condition:
        raise ValueError(message)


def serve(peer, packages, training, batched=False):
    """Answers requests until standard input closes.

    `training(task)` builds and compiles; its `reset(seed)` makes fresh weights, outside the timed part, and its
    `train()` trains to the end and returns the first and the last epoch's loss. A batched training does all
    trials of the task at once; any other does them one after the other.
    """
    versions = {"python": platform.python_version()} | {
        name.removesuffix("-cpu"): importlib.metadata.version(name) for name in packages}
    _answer({"peer": peer, "versions": versions})
    current = task = None
    for line in sys.stdin:
        request = json.loads(line)
        if "prepare" in request:
            started = time.perf_counter()
            task = parse(request["prepare"])
            current = training(task)
            current.reset(0)
            current.train()
            _answer({"ready": {"seconds": time.perf_counter() - started}})
        elif "train" in request:
            require(current is not None, "train comes after prepare")
            seed = int(request["train"]["seed"])
            _answer({"trained": timed(current, task, [seed] if batched else range(seed, seed + task.trials))})
        else:
            raise ValueError(f"a request is prepare or train, got {', '.join(request)}")


def timed(training, task, seeds):
    seconds, losses = 0.0, []
    for seed in seeds:
        training.reset(seed)
        started = time.perf_counter()
        losses.append(training.train())
        seconds += time.perf_counter() - started
    first, last = (float(value) for value in np.mean(losses, axis=0))
    steps = task.trials * task.epochs * task.steps_per_epoch
    return {"seconds": seconds, "steps": steps, "first_loss": first, "last_loss": last}
