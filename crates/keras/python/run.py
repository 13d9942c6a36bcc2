"""Runs the keras.py of reports with real Keras: `make keras`, or `make keras NAME …`.

Each program names the packages that it needs; the lock beside this script with these pins says what is installed, into
target/keras, from PyPI by pip with the SHA-256 of every wheel. A program trains and compares with its report, then predicts with
the report's weights. Ends with 1 if a program fails: one whose report is by engine exact does if a bit differs.
"""

import concurrent.futures
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
REPORTS = ROOT / "reports"
# A user's own settings choose no other instructions or threads.
IGNORED = ("CUDA_", "DNNL_", "KERAS_", "MKL_", "OMP_", "ONEDNN_", "PYTHON", "TF_", "XLA_")


def main(names):
    programs = sorted(REPORTS.glob("*/keras.py"))
    known = [program.parent.name for program in programs]
    for name in names:
        if name not in known:
            stop(f"the report of {name} has no keras.py; there are {', '.join(known)}")
    programs = [program for program in programs if not names or program.parent.name in names]
    pythons = {lock: install(lock) for lock in sorted({lock_of(program) for program in programs})}
    good = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for program, (code, said) in zip(programs, pool.map(lambda of: run(pythons[lock_of(of)], of), programs)):
            print(f"{program.parent.name}\n{said}", flush=True)
            if code != 0:
                print(f"  ended with {code}")
                good = False
    sys.exit(0 if good else 1)


def pins(lines):
    return {line for line in lines if "==" in line and "python" not in line}


def lock_of(program):
    """The lock with the pins that the program names."""
    named = re.findall(r'^#     "(.*)",$', program.read_text(encoding="utf-8"), re.MULTILINE)
    for wanted in sorted(HERE.glob("*.in")):
        if named and pins(named) <= pins(wanted.read_text().splitlines()):
            return wanted.with_suffix(".txt")
    stop(f"{program}: no lock has these packages: {', '.join(named)}")


def install(lock):
    """The Python of an environment with what the lock says, made anew when the lock changes."""
    home = ROOT / "target/keras" / lock.stem
    stamp, python = home / "installed", home / "bin/python"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return python
    machine = f"{platform.system()} {platform.machine()}"
    if machine != "Linux x86_64":
        stop(f"the packages are locked for Linux x86_64, this is {machine}")
    base = sys.executable if sys.version_info[:2] == (3, 11) else shutil.which("python3.11")
    if base is None:
        stop("the packages are locked for CPython 3.11, and there is no python3.11")
    print(f"keras: installing {lock.stem} from PyPI into {home}", file=sys.stderr, flush=True)
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([base, "-m", "venv", home], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-input",
           "--only-binary=:all:", "--no-deps", "--require-hashes", "--requirement", lock]
    if subprocess.run(pip).returncode != 0:
        stop(f"pip could not install {lock.name} (its own message is above)")
    stamp.write_text(lock.read_text())
    return python


def run(python, program):
    """Trains, then predicts with the weights; returns the first exit code that is not 0, and what was said of the whole."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(IGNORED)}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    said = ""
    for title, arguments in [("trained", []), ("with the report's weights", ["--weights", program.parent / "model.safetensors"])]:
        done = subprocess.run([python, program, *arguments], env=environment, capture_output=True, text=True)
        lines = [line for line in done.stdout.splitlines() if not line.startswith("epoch ")]
        said += f"  {title}:\n" + "".join(f"    {line}\n" for line in lines)
        if done.returncode != 0:
            return done.returncode, said + "".join(f"    {line}\n" for line in done.stderr.splitlines()[-5:])
    return 0, said.rstrip("\n")


def stop(message):
    print(f"keras: error: {message}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
