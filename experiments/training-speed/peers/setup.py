"""Puts the Python peers' environment under `.peers/` of the checkout.

`make peers` runs it. Every package comes from PyPI by pip with the SHA-256 of requirements.txt. The stamp
holds that file's digest and is written last: without it, or with another digest, the environment is made anew.
"""

import hashlib
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
HOME = ROOT / ".peers"
STAMP = HOME / "requirements.sha256"
LOCK = HERE / "requirements.txt"
PYTHON = (3, 11)
# What torch's wheel links but a CPU never calls: 1.8 GB of wheels. Empty libraries of these names take their place.
GPU_LIBRARIES = ["libcublas.so.13", "libcublasLt.so.13", "libcudnn.so.9", "libcufft.so.12", "libcufile.so.0",
                 "libcurand.so.10", "libcusparse.so.12", "libcusparseLt.so.0", "libnccl.so.2", "libnvrtc.so.13",
                 "libnvshmem_host.so.3"]


def main():
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if whole(digest):
        return
    # Before the long work: the empty libraries need `cc`, torch.compile needs `g++`.
    for compiler in ("cc", "g++"):
        if shutil.which(compiler) is None:
            stop(f"there is no {compiler}", "install gcc and g++")
    machine = f"{platform.system()} {platform.machine()}"
    if machine != "Linux x86_64":
        stop(f"the peers are locked for Linux x86_64, this is {machine}")
    if platform.python_implementation() != "CPython" or sys.version_info[:2] != PYTHON:
        stop(f"the peers are locked for CPython {PYTHON[0]}.{PYTHON[1]}, this is "
             f"{platform.python_implementation()} {platform.python_version()}")
    print("peers: installing Keras 2 and 3, PyTorch and JAX from PyPI (about 1 GB)", file=sys.stderr, flush=True)
    started = time.monotonic()
    clear()
    try:
        install()
        stand_in_for_gpu_libraries()
        STAMP.write_text(digest + "\n")
    except BaseException:
        clear()
        raise
    print(f"peers: they are in {HOME} after {time.monotonic() - started:.0f} s", file=sys.stderr)


def whole(digest):
    try:
        return STAMP.read_text().strip() == digest and (HOME / "bin" / "python").exists()
    except OSError:
        return False


def clear():
    """Removes an environment; a link or file of the same name too, but nothing behind a link."""
    if HOME.is_symlink() or HOME.is_file():
        HOME.unlink()
    elif HOME.exists():
        shutil.rmtree(HOME)


def install():
    code, text = run([sys.executable, "-m", "venv", str(HOME)])
    if code != 0:
        stop(f"python3 could not make a virtual environment: {text}")
    pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
           "--no-cache-dir", "--no-input", "--retries", "2", "--only-binary=:all:", "--no-deps", "--require-hashes",
           "--requirement", str(LOCK)]
    code, text = run(pip)
    if code != 0:
        errors = [line.removeprefix("ERROR: ") for line in text.splitlines() if line.startswith("ERROR: ")]
        stop(f"pip could not install the peers: {errors[0] if errors else text}",
             "they come from PyPI: check the network and run `make peers` again; nothing half-made is kept")


def run(command):
    """Returns the exit code and what was said. An interrupted run takes the command's own children with it."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)
    try:
        text, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return process.returncode, text.strip()


def stand_in_for_gpu_libraries():
    folder = next(HOME.glob("lib/python*/site-packages/torch/lib"))
    for name in GPU_LIBRARIES:
        # /dev/null is an empty C program.
        code, text = run(["cc", "-shared", "-x", "c", "/dev/null", "-o", str(folder / name), f"-Wl,-soname,{name}"])
        if code != 0:
            stop(f"the C compiler could not make {name}: {text}")


def stop(message, hint=None):
    print(f"peers: error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except OSError as error:
        stop(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
