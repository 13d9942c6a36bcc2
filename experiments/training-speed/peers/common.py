"""The protocol of the peers: one JSON object a line on standard input and output.

Import it before any framework: it keeps standard output for the protocol (a framework's own chatter goes to
standard error) and sets one CPU thread. Requests and answers, in this order:

    → (start)                              ← {"peer": name, "versions": {...}}
    → {"prepare": task, see Task}          ← {"ready": {"seconds": s}}       build, compile, one training as warm-up
    → {"train": {"seed": n}}               ← {"trained": {"seconds": s, "steps": k, "first_loss": a, "last_loss": b}}

With rows to validate on, the loss of these is computed after every epoch, and the answer has "first_val_loss" and
"last_val_loss" too. A training starts from fresh weights of its seed. `seconds` covers the training until its last number is there.
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
# Every framework documents a cross-entropy of logits as the better one: the last activation is in the loss.
LOSSES = {"mse": None, "binary_crossentropy": "sigmoid", "sparse_categorical_crossentropy": "softmax"}


@dataclasses.dataclass(frozen=True)
class Task:
    """What to train: x (rows, features) and y (rows, outputs) in float32, layers as (units, activation) pairs.

    Classes of `sparse_categorical_crossentropy` are y (rows) in int64. A cross-entropy is one of logits.
    """

    x: np.ndarray
    y: np.ndarray
    validation: tuple | None
    layers: list
    loss: str
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
    loss = request["loss"]
    require(loss in LOSSES, f"loss must be one of {', '.join(LOSSES)}, got {loss}")
    layers = [(int(layer["units"]), layer["activation"]) for layer in request["layers"]]
    optimizer = request["optimizer"]
    counts = {name: int(request.get(name, 1)) for name in ("batch_size", "epochs", "trials")}
    require(layers, "a model needs a layer")
    if LOSSES[loss]:
        require(layers[-1][1] == LOSSES[loss], f"{loss} is of a last activation {LOSSES[loss]}, got {layers[-1][1]}")
        layers[-1] = (layers[-1][0], "linear")
    x, y = rows(request["x"], request["y"], loss, layers[-1][0])
    validation = request.get("validation")
    if validation is not None:
        validation = rows(*validation, loss, layers[-1][0])
    require(min(units for units, _ in layers) > 0 and min(counts.values()) > 0, "sizes must be positive")
    for _, activation in layers:
        require(activation in ACTIVATIONS, f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation}")
    require(optimizer["type"] == "adam", f"optimizer must be adam, got {optimizer['type']}")
    numbers = {name: float(optimizer[name]) for name in ("learning_rate", "beta_1", "beta_2", "epsilon")}
    return Task(x=x, y=y, validation=validation, layers=layers, loss=loss, **numbers, **counts)


def rows(x, y, loss, outputs):
    x, y = np.array(x, np.float32), np.array(y, np.float32)
    require(x.ndim == 2 and x.size > 0, "x must be a list of rows of equal length")
    if loss == "sparse_categorical_crossentropy":
        require(y.shape == (len(x),) and set(y) <= set(range(outputs)), "y must have the number of a class for each row of x")
        return x, y.astype(np.int64)
    y = y[:, None] if y.ndim == 1 else y
    require(y.shape == (len(x), outputs), "y must have one row for each of x, as wide as the last layer")
    return x, y


def require(condition, message):
    if not condition:
        raise ValueError(message)


def serve(peer, packages, training, batched=False):
    """Answers requests until standard input closes.

    `training(task)` builds and compiles; its `reset(seed)` makes fresh weights, outside the timed part, and its
    `train()` trains to the end and returns the first and the last epoch's loss, then those of the rows to validate on if
    there are any. A batched training does all
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
    names = ["first_loss", "last_loss"] + (["first_val_loss", "last_val_loss"] if task.validation else [])
    steps = task.trials * task.epochs * task.steps_per_epoch
    means = (float(value) for value in np.mean(losses, axis=0))
    return {"seconds": seconds, "steps": steps} | dict(zip(names, means, strict=True))
