"""Measures Optuna and Rustuna: pip install optuna==5.0.0 rustuna==0.2.0 torch==2.13.0 scipy==1.17.1 greenlet==3.5.6

python measure.py quality FIRST LAST [FUNCTION ...]
    The best value so far minus the minimum, a row a study, of studies with these seeds, by the samplers as they come, on the
    functions of experiments/search-comparison/src/test_functions.rs, two of which are tables of real networks beside this file;
    `post` is that experiment's own problem, whose trainings its program `objective` runs: cargo build --release -p search-comparison
python measure.py cost
    CPU milliseconds of ask and tell after 50 to 2000 random trials, the median of several.
"""

import json
import math
import pathlib
import subprocess
import sys
import time
import warnings

import numpy as np
import optuna
import rustuna

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
AT = (20, 50, 100)
SAMPLERS = {
    "optuna-tpe": lambda seed: optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed)),
    "optuna-gp": lambda seed: optuna.create_study(sampler=optuna.samplers.GPSampler(seed=seed)),
    "rustuna-tpe": lambda seed: rustuna.create_study(sampler=rustuna.samplers.TPESampler(seed=seed)),
}


def cube(trial, size, low, high):
    return np.array([trial.suggest_float(f"x{i + 1}", low, high) for i in range(size)])


def branin(trial):
    x, y = trial.suggest_float("x1", -5, 10), trial.suggest_float("x2", 0, 15)
    bowl = (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 - 0.39788735772973816


WEIGHT = np.array([1, 1.2, 3, 3.2])
STEEPNESS = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
CENTRE = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann6(trial):
    x = cube(trial, 6, 0, 1)
    return 3.322368011415515 - float((WEIGHT * np.exp(-(STEEPNESS * (x - CENTRE) ** 2).sum(1))).sum())


def mixed(trial):
    activation = trial.suggest_categorical("activation", ["relu", "tanh", "sigmoid"])
    optimizer = trial.suggest_categorical("optimizer", ["sgd", "rmsprop", "adam"])
    rate = math.log10(trial.suggest_float("learning_rate", 1e-5, 1, log=True))
    units = trial.suggest_int("units", 4, 128)
    d = rate - {"sgd": -0.7, "rmsprop": -3.0, "adam": -2.4}[optimizer]
    e = math.log2(units / {"relu": 48, "tanh": 24, "sigmoid": 96}[activation])
    return (
        {"relu": 0, "tanh": 0.15, "sigmoid": 0.5}[activation]
        + {"sgd": 0.3, "rmsprop": 0.1, "adam": 0}[optimizer]
        + {"sgd": 0.6, "rmsprop": 0.4, "adam": 0.3}[optimizer] * d * d
        + 0.2 * e * e
        + 0.1 * d * e
        + 0.08 * (1 - math.cos(3 * math.pi * d))
        + (2 if d > 1.2 else 0)
    )


def rosenbrock4(trial):
    x = cube(trial, 4, -2.048, 2.048)
    return float(sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def ackley5(trial):
    x = cube(trial, 5, -15, 20)
    return float(20 - 20 * math.exp(-0.2 * math.sqrt((x * x).mean())) + math.e - math.exp(np.cos(2 * math.pi * x).mean()))


def levy4(trial):
    w = 1 + (cube(trial, 4, -10, 10) - 1) / 4
    middle = ((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2)).sum()
    return float(np.sin(np.pi * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2))


def sphere8(trial):
    x = cube(trial, 8, -4, 6)
    return float((np.arange(1, 9) * x * x).sum())


def rastrigin3(trial):
    x = cube(trial, 3, -4, 5.12)
    return float((10 + x * x - 10 * np.cos(2 * np.pi * x)).sum())


def conditional(trial):
    optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
    rate = math.log10(trial.suggest_float("learning_rate", 1e-5, 1, log=True))
    if optimizer == "sgd":
        return 0.5 * (rate + 1) ** 2 + 2 * (trial.suggest_float("momentum", 0, 0.99) - 0.9) ** 2
    epsilon = math.log10(trial.suggest_float("epsilon", 1e-9, 1e-3, log=True))
    return 0.1 + 0.3 * (rate + 2.5) ** 2 + 0.05 * (epsilon + 7) ** 2


def lattice(trial):
    dropout = trial.suggest_float("dropout", 0, 0.9, step=0.05)
    depth = (trial.suggest_int("layers", 1, 9, step=2) - 5) / 2
    width = math.log2(trial.suggest_int("units", 1, 512, log=True) / 96)
    bias = trial.suggest_categorical("bias", [False, True])
    return 4 * (dropout - 0.35) ** 2 + 0.1 * (width + depth) ** 2 + 0.05 * depth**2 + (0 if bias else 0.2)


class Table:
    """What every point of a lattice of a real network's parameters is worth, minus the least."""

    def __init__(self, name):
        self.__name__ = name
        text = (pathlib.Path(__file__).parent / f"{name}.csv").read_text()
        rows = [line.rsplit(",", 1) for line in text.splitlines()[1:]]
        least = min(float(value) for _, value in rows)
        self.regrets = {point: float(value) - least for point, value in rows}

    def __call__(self, trial):
        if self.__name__ == "tumours":
            first = trial.suggest_categorical("activation", ["relu", "tanh", "sigmoid"])
            second = trial.suggest_int("units", 8, 64, step=8)
        else:
            first, second = (trial.suggest_int(f"units_{i}", 16, 64, step=16) for i in (1, 2))
        rate = trial.suggest_float("log10_learning_rate", -4, -1, step=0.25)
        return self.regrets[f"{first},{second},{rate!r},{trial.suggest_categorical('batch_size', [16, 32, 64])}"]


def knobs(trial):
    return {
        "model.layers.0.activation": trial.suggest_categorical("activation", ["linear", "relu", "tanh", "sigmoid"]),
        "training.optimizer.name": trial.suggest_categorical("optimizer", ["sgd", "momentum", "rmsprop", "adam"]),
        "training.optimizer.learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True),
        "model.layers.0.units": trial.suggest_categorical("units", [4, 8, 16, 32, 64]),
        "training.batch_size": trial.suggest_categorical("batch_size", [8, 16, 32, 64]),
    }


class Post:
    def __init__(self):
        program = pathlib.Path(__file__).parents[2] / "target/release/objective"
        self.program = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, trial):
        self.program.stdin.write(json.dumps(knobs(trial)) + "\n")
        self.program.stdin.flush()
        value = json.loads(self.program.stdout.readline())
        if value is None:
            raise (optuna.TrialPruned if isinstance(trial, optuna.Trial) else rustuna.TrialPruned)
        return value


FUNCTIONS = {
    f.__name__: f
    for f in (
        branin,
        hartmann6,
        mixed,
        rosenbrock4,
        ackley5,
        levy4,
        sphere8,
        rastrigin3,
        conditional,
        lattice,
        Table("tumours"),
        Table("fuel-efficiency"),
    )
}


def quality(seeds, names):
    print("function,sampler,seed," + ",".join(f"after_{count}" for count in AT))
    for name in names or [*FUNCTIONS, "post"]:
        function = Post() if name == "post" else FUNCTIONS[name]
        for sampler, make in SAMPLERS.items():
            for seed in seeds:
                study = make(seed)
                study.optimize(function, n_trials=max(AT))
                values = [t.value if t.value is not None else math.inf for t in study.trials]
                best = ",".join(repr(float(min(values[:count]))) for count in AT)
                print(f"{name},{sampler},{seed},{best}", flush=True)


def cost():
    print("function,sampler,trials,milliseconds")
    for count in (50, 500, 1000, 2000):
        for name, function in (("hartmann6", hartmann6), ("post", Post())):
            histories = {
                "optuna": optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1)),
                "rustuna": rustuna.create_study(sampler=rustuna.samplers.RandomSampler(seed=1)),
            }
            for history in histories.values():
                history.optimize(function, n_trials=count)
            for sampler, make in SAMPLERS.items():
                if sampler == "optuna-gp" and count > 1000:
                    continue
                study = make(0)
                for trial in histories[sampler.partition("-")[0]].trials:
                    study.add_trial(trial)
                times = []
                for _ in range(5 if sampler == "optuna-gp" else 20):
                    begun = time.process_time()
                    trial = study.ask()
                    hartmann6(trial) if name == "hartmann6" else knobs(trial)
                    study.tell(trial.number, 1.0)
                    times.append(time.process_time() - begun)
                # The first one fits kernels from nothing and loads modules.
                print(f"{name},{sampler},{count},{1e3 * float(np.median(times[1:]))!r}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "cost":
        cost()
    else:
        quality(range(int(sys.argv[2]), int(sys.argv[3]) + 1), sys.argv[4:])
