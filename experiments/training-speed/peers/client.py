"""A peer as its caller sees it, and the tasks that the test and the ratio check give it. Standard library only."""

import json
import pathlib
import random
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


class PeerError(Exception):
    """What a peer answered instead of a result."""


class Peer:
    def __init__(self, script, *arguments, chatter=subprocess.DEVNULL):
        self.process = subprocess.Popen([sys.executable, str(HERE / script), *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=chatter, text=True)
        self.greeting = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise PeerError(f"the peer ended with {self.process.wait()} before it answered")
        answer = json.loads(line)
        if "error" in answer:
            raise PeerError(answer["error"])
        return answer

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def prepare(self, task):
        return self.ask({"prepare": task})["ready"]

    def train(self, seed):
        return self.ask({"train": {"seed": seed}})["trained"]

    def close(self):
        """Closes the peer's standard input and returns its exit code."""
        self.process.stdin.close()
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def line_task(**changes):
    """y = x + 10 on 100 integers below 100, both standardised by x: the shape of the post."""
    numbers = random.Random(1234)
    values = [numbers.randrange(100) for _ in range(100)]
    mean, deviation = statistics.fmean(values), statistics.pstdev(values)
    task = {
        "x": [[(value - mean) / deviation] for value in values],
        "y": [(value + 10 - mean) / deviation for value in values],
        "layers": [{"units": 16, "activation": "linear"}, {"units": 1, "activation": "linear"}],
        "optimizer": {"type": "adam", "learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
        "loss": "mse", "batch_size": 32, "epochs": 100, "trials": 1,
    }
    return task | changes


def curve_task(**changes):
    """Two hidden layers, two features, 100 rows in batches of 7: the last batch has 2 rows."""
    numbers = random.Random(5)
    x = [[numbers.uniform(-1, 1), numbers.uniform(-1, 1)] for _ in range(100)]
    layers = [{"units": 8, "activation": "relu"}, {"units": 12, "activation": "tanh"},
              {"units": 1, "activation": "linear"}]
    task = line_task(x=x, y=[a * b + abs(a) for a, b in x], layers=layers, batch_size=7, epochs=20)
    return task | changes
