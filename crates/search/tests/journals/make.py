"""Journals of many kinds, made by the Optuna that runs this: python make.py FOLDER"""

import os
import sys
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.trial import create_trial

try:
    from optuna.storages.journal import JournalFileBackend
except ImportError:
    from optuna.storages import JournalFileStorage as JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)


def study(file, name, **options):
    storage = JournalStorage(JournalFileBackend(os.path.join(folder, file + ".log")))
    sampler = options.pop("sampler", None) or optuna.samplers.RandomSampler(seed=1)
    return optuna.create_study(storage=storage, study_name=name, sampler=sampler, **options)


class Diverged(Exception):
    pass


def mixed(trial):
    x = trial.suggest_float("x", -1.0, 1.0, step=0.1)
    n = trial.suggest_int("n", 1, 1024, log=True)
    trial.suggest_categorical("c", [True, None, 2, 0.5, "text"])
    for step in range(3):
        trial.report([x * x, float("inf"), float("nan")][step], step)
    if trial.number == 3:
        raise optuna.TrialPruned
    if trial.number == 5:
        raise Diverged
    return {4: float("inf"), 6: float("-inf"), 7: float("nan")}.get(trial.number, x * x + n)


def headers(trial):
    names = ['a,"b"', "line\nbreak", "\ud55c\uae00 \U0001f980", ""]
    total = sum(trial.suggest_float(name, 0.0, 1.0) for name in names)
    return total + len(trial.suggest_categorical("text", ["", "null", "a,b", 'quote"d', "two\nlines"]))


def constrained(trial):
    x = trial.suggest_float("x", -10.0, 10.0)
    trial.set_user_attr("c", [5.0 - x])
    return x


def named_constraint(trial):
    x = trial.suggest_float("x", -10.0, 10.0)
    trial.set_constraint("c", 5.0 - x)
    return x


study("mixed", "mixed").optimize(mixed, n_trials=12, catch=Diverged)
with open(os.path.join(folder, "mixed.log"), "rb") as file:
    text = file.read()
lines = text.splitlines(keepends=True)
edits = {
    "bom": b"\xef\xbb\xbf" + text,
    "crlf": text.replace(b"\n", b"\r\n"),
    "blank-line": b"".join([*lines[:1], b"\n", *lines[1:]]),
    "torn-middle": b"".join([*lines[:20], lines[20][:40], *lines[21:]]),
}
for name, edited in edits.items():
    with open(os.path.join(folder, name + ".log"), "wb") as file:
        file.write(edited)

sampler = optuna.samplers.NSGAIISampler(seed=1, constraints_func=lambda trial: trial.user_attrs["c"])
limited = study("constrained", "constrained", sampler=sampler)
for x in (-10.0, 5.0):
    limited.enqueue_trial({"x": x})
limited.optimize(constrained, n_trials=4)
if hasattr(optuna.Trial, "set_constraint"):
    study("constrained", "constrained-new").optimize(named_constraint, n_trials=4)

front = study("mo", "pareto", directions=["minimize", "maximize"])
front.optimize(lambda trial: (trial.suggest_float("x", 0.0, 5.0) ** 2, trial.suggest_float("y", 0.0, 3.0)), n_trials=8)

study("names", "names").optimize(
    lambda trial: trial.suggest_float("value", 0.0, 1.0) + trial.suggest_int("number", 1, 3) + len(trial.suggest_categorical("state", ["a", "bb"])),
    n_trials=4,
)
study("headers", "headers").optimize(headers, n_trials=8)

old = {
    "x": optuna.distributions.UniformDistribution(0.0, 1.0),
    "l": optuna.distributions.LogUniformDistribution(1e-4, 1.0),
    "d": optuna.distributions.DiscreteUniformDistribution(0.0, 1.0, 0.25),
    "n": optuna.distributions.IntUniformDistribution(1, 9),
    "m": optuna.distributions.IntLogUniformDistribution(1, 9),
}
values = {"x": 0.5, "l": 0.01, "d": 0.25, "n": 3, "m": 3}
# Not `add_trial`, which makes the newer classes of them.
legacy = study("legacy", "legacy")
legacy._storage.create_new_trial(legacy._study_id, create_trial(value=1.0))
trial = legacy._storage.create_new_trial(legacy._study_id)
for name, distribution in old.items():
    legacy._storage.set_trial_param(trial, name, distribution.to_internal_repr(values[name]), distribution)
legacy._storage.set_trial_state_values(trial, optuna.trial.TrialState.COMPLETE, [2.0])

wide = study("bigint", "bigint")
for value in (2**63 + 2048, 7):
    seed = IntDistribution(0, 2**64 - 1)
    wide.add_trial(create_trial(value=float(value % 5), params={"seed": value}, distributions={"seed": seed}))

tree = 0
for _ in range(300):
    tree = [tree]
deep = study("deep", "deep")
deep.optimize(lambda trial: (trial.set_user_attr("tree", tree), trial.suggest_float("x", 0.0, 1.0))[1], n_trials=1)

numbers = study("intattr", "attrs")
numbers.set_user_attr("big", 2**200)
numbers.set_user_attr("nan", [float("nan"), float("-inf")])
numbers.set_user_attr("\ud55c", {"a": [None, True, {"b": "x"}]})
numbers.optimize(lambda trial: trial.suggest_float("x", 1e-300, 1e300, log=True), n_trials=2)

study("stepneg", "negative-step").add_trial(create_trial(value=1.0, intermediate_values={-1: 0.5, 0: 0.25}))
halves = study("surrogate", "surrogate")
halves.optimize(lambda trial: (trial.set_user_attr("file", "r\udce9sum\udce9.csv"), trial.suggest_float("x", 0.0, 1.0))[1], n_trials=2)

queued = study("queued", "queued")
queued.add_trial(create_trial(value=1.0, params={"c": "a"}, distributions={"c": CategoricalDistribution(["a", "b"])}))
queued.enqueue_trial({"c": "b"})
queued.ask()
queued.enqueue_trial({"c": "a"})
