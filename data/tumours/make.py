"""Makes tumours.csv from the file breast_cancer.csv of the Python package scikit-learn.

    python3 -m venv /tmp/tumours && /tmp/tumours/bin/pip install 'scikit-learn==1.9.1'
    /tmp/tumours/bin/python data/tumours/make.py

README.md says what is changed and why. Numbers keep the text that they have in the source.
"""

import csv
import importlib.util
import pathlib

MEASURED = [
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
]
COLUMNS = [
    *(f"mean_{of}" for of in MEASURED),
    *(f"{of}_error" for of in MEASURED),
    *(f"worst_{of}" for of in MEASURED),
]

package = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent
with open(package / "datasets" / "data" / "breast_cancer.csv", encoding="ascii") as file:
    (rows, columns, *diagnoses), *tumours = csv.reader(file)
assert (rows, columns, len(tumours)) == ("569", "30", 569) and diagnoses == ["malignant", "benign"]

with open(pathlib.Path(__file__).with_name("tumours.csv"), "w", newline="", encoding="ascii") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["diagnosis", *COLUMNS])
    for *numbers, code in tumours:
        assert len(numbers) == len(COLUMNS)
        writer.writerow([diagnoses[int(code)], *numbers])
