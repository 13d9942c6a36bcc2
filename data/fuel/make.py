"""Makes fuel.csv from the file cars.json of the Python package vega_datasets.

    python3 -m venv /tmp/fuel && /tmp/fuel/bin/pip install 'vega_datasets==0.9.0'
    /tmp/fuel/bin/python data/fuel/make.py

README.md says what is changed and why. Numbers keep the text that they have in the source.
"""

import csv
import importlib.util
import json
import pathlib

COLUMNS = {
    "mpg": "Miles_per_Gallon",
    "cylinders": "Cylinders",
    "displacement": "Displacement",
    "horsepower": "Horsepower",
    "weight": "Weight_in_lbs",
    "acceleration": "Acceleration",
    "model_year": "Year",
    "origin": "Origin",
    "name": "Name",
}

package = pathlib.Path(importlib.util.find_spec("vega_datasets").origin).parent
text = (package / "_data" / "cars.json").read_text(encoding="utf-8")
cars = json.loads(text, parse_int=str, parse_float=str)
assert len(cars) == 406

cars = [car for car in cars if car["Miles_per_Gallon"] is not None]
assert len(cars) == 398 and sum(car["Horsepower"] is None for car in cars) == 6

# The source calls the 29 cars of 1981 and the 31 of 1982, which follow them, all 1982.
last = [car for car in cars if car["Year"] == "1982-01-01"]
assert len(last) == 60 and last[0]["Name"] == "plymouth reliant" and last[29]["Name"] == "chevrolet cavalier"
for car in last[:29]:
    car["Year"] = "1981-01-01"

with open(pathlib.Path(__file__).with_name("fuel.csv"), "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for car in cars:
        car["Year"] = car["Year"][2:4]
        car["Name"] = car["Name"].replace("Accelerationord", "accord")
        writer.writerow("" if car[key] is None else car[key] for key in COLUMNS.values())
