#!/usr/bin/env python3
"""Prints the table of README.md: how many recorded runs have each feature, by flow.

    python features.py
"""

import collections
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
FLOWS = ["tf-legacy", "keras-set-random-seed", "keras-set-random-seed-tf-2.15", "keras-3"]
# Features of which no run is recorded: what engine exact says to them, and engine libtorch.
OTHERS = {
    "LayerNormalization, BatchNormalization, Nadam, Ftrl, swish": "not there",
}


def features(case):
    """What a case has, in the words of a manifest."""
    optimizer, loss = case["optimizer"], case["loss"]
    yield "any"
    yield "optimizer", optimizer["name"] + (" with amsgrad" if optimizer.get("amsgrad") else "")
    for key in ("clipvalue", "clipnorm", "global_clipnorm"):
        if key in optimizer:
            yield "clipping", key
    if isinstance(optimizer.get("learning_rate"), dict):
        yield "learning rate", optimizer["learning_rate"]["name"]
    yield "loss", loss if isinstance(loss, str) else loss["name"]
    if isinstance(loss, dict):
        yield "loss", "from_logits"
    for layer in case["layers"]:
        if layer.get("kind") == "dropout":
            yield "layer", "dropout"
            continue
        yield "activation", layer["activation"]
        yield "initializer", layer.get("kernel_initializer", "glorot_uniform")
        for key in ("kernel_regularizer", "bias_regularizer"):
            for penalty in layer.get(key, {}):
                yield "regularizer", penalty
    if case["layers"][-1]["units"] > 1:
        yield "outputs", "several"
    for callback in case.get("callbacks", []):
        yield "callback", callback["name"]
    for metric in case.get("metrics", []):
        yield "metric", metric
    if "validation_split" in case or "validation_samples" in case:
        yield "validation", "rows to validate on"
    if case.get("class_weight"):
        yield "weights", "class_weight"
    if case.get("sample_weights"):
        yield "weights", "sample_weight"


def main():
    counts = collections.defaultdict(collections.Counter)
    for path in sorted(HERE.glob("*.json")):
        for case in json.loads(path.read_text())["cases"]:
            for feature in set(features(case)):
                counts[feature][case["flow"]] += len(case["runs"])
    print(f"| feature | {' | '.join(f'`{flow}`' for flow in FLOWS)} | engine `libtorch` |")
    print(f"| --- |{' ---: |' * len(FLOWS)} --- |")
    ordered = sorted(feature for feature in counts if feature != "any")
    for feature in ["any", *ordered]:
        name = "all runs" if feature == "any" else f"{feature[0]}: `{feature[1]}`" if " " not in feature[1] else ": ".join(feature)
        cells = [str(counts[feature][flow] or "") for flow in FLOWS]
        print(f"| {name} | {' | '.join(cells)} | to rounding |")
    for name, words in OTHERS.items():
        print(f"| {name} |{'  |' * len(FLOWS)} {words} |")


if __name__ == "__main__":
    main()
