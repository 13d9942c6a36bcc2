"""Makes digits.csv from the file digits.csv.gz of the Python package scikit-learn.

    python3 -m venv /tmp/digits && /tmp/digits/bin/pip install 'scikit-learn==1.9.1'
    /tmp/digits/bin/python data/digits/make.py

README.md says what is changed and why.
"""

import csv
import gzip
import importlib.util
import pathlib

COLUMNS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]

package = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent
with gzip.open(package / "datasets" / "data" / "digits.csv.gz", "rt", encoding="ascii") as file:
    digits = list(csv.reader(file))
assert len(digits) == 1797

with open(pathlib.Path(__file__).with_name("digits.csv"), "w", newline="", encoding="ascii") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["digit", *COLUMNS])
    for *pixels, digit in digits:
        assert len(pixels) == len(COLUMNS) and all(0 <= int(pixel) <= 16 for pixel in pixels)
        writer.writerow([digit, *pixels])
