"""Times JAX, plain Keras 2 and a command in turn, and prints medians and ratios: a check that shares no Rust.

    .peers/bin/python check_ratios.py --trainings 2000 -- COMMAND ARGUMENT...

COMMAND runs `--trainings` whole trainings of the post's network (400 steps each) and ends. Its wall time, its
start included, is divided by their number: choose enough that the start does not matter.
"""

import argparse
import statistics
import subprocess
import sys
import time

from client import Peer, line_task

STEPS = 400


def main():
    arguments = read_arguments()
    with Peer("jax_scan.py") as jax, Peer("keras_2.py", "--plain") as keras:
        seconds = {"jax_scan": [], "keras_2_plain": []}
        for peer in (jax, keras):
            peer.prepare(line_task())
        for repetition in range(arguments.repetitions):
            # JAX repeats to outlast the clock's and the scheduler's grain.
            seconds["jax_scan"].append(statistics.median(jax.train(seed)["seconds"] for seed in range(20)))
            seconds["keras_2_plain"].append(keras.train(repetition)["seconds"])
            if arguments.command:
                seconds.setdefault("command", []).append(wall(arguments.command) / arguments.trainings)
    show({name: statistics.median(values) for name, values in seconds.items()})


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=7, help="rounds in which each runs once (default: 7)")
    parser.add_argument("--trainings", type=int, default=1, help="whole trainings in one run of COMMAND (default: 1)")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="what to time beside the peers")
    return parser.parse_args()


def wall(command):
    started = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    if code != 0:
        sys.exit(f"check_ratios: error: {command[0]} ended with {code}")
    return time.perf_counter() - started


def show(medians):
    base = medians.get("command", medians["jax_scan"])
    print(f"{'':14} {'µs a step':>10} {'ratio':>9}")
    for name, value in medians.items():
        print(f"{name:14} {value / STEPS * 1e6:10.2f} {value / base:9.3g}")


if __name__ == "__main__":
    main()
