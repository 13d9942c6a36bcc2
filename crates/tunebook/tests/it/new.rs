use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::{read, refusal, root, said};

/// A workspace of its own that takes its crates from this one. It lies where cargo finds this one's configuration.
pub fn workspace() -> TempDir {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let crates = format!("path = \"{}/crates/", root().display());
    let manifest = read("Cargo.toml").replace("\"crates/*\", ", "").replace("path = \"crates/", &crates);
    fs::write(place.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(place.path().join("Cargo.lock"), read("Cargo.lock")).unwrap();
    fs::create_dir(place.path().join("experiments")).unwrap();
    fs::create_dir(place.path().join("data")).unwrap();
    fs::write(place.path().join("data/SHA256SUMS"), "").unwrap();
    // Build scripts are named by their place in the workspace.
    std::os::unix::fs::symlink(root().join("crates"), place.path().join("crates")).unwrap();
    place
}

pub fn new(workspace: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    command.arg("new").args(arguments).arg("--workspace").arg(workspace).output().unwrap()
}

/// The line on stderr of a run that ended with this code and made nothing.
fn refused(workspace: &Path, arguments: &[&str], code: i32) -> String {
    let names = || fs::read_dir(workspace).unwrap().map(|entry| entry.unwrap().file_name()).collect::<BTreeSet<_>>();
    let before = names();
    let error = refusal(&new(workspace, arguments), code);
    assert_eq!(names(), before, "nothing half-written is left behind");
    assert_eq!(fs::read_dir(workspace.join("experiments")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(workspace.join("data")).unwrap().count(), 1);
    error.trim_end().strip_prefix("error: ").unwrap().to_owned()
}

/// Where this workspace's programs are built, and with what they share those of another.
pub fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Builds the programs of a workspace beside this one's.
pub fn build(workspace: &Path) {
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--quiet", "--offline", "--bins"]).current_dir(workspace).env("CARGO_TARGET_DIR", target());
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    said(&build.output().unwrap());
}

pub fn write(folder: &Path, name: &str, header: &str, rows: usize, row: impl Fn(usize) -> String) -> PathBuf {
    let mut text = format!("{header}\n");
    for number in 0..rows {
        writeln!(text, "{}", row(number)).unwrap();
    }
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// What is said of an experiment that is made of a file, and its manifest.
fn made(workspace: &Path, file: &Path, name: &str, flags: &[&str]) -> (String, Value) {
    let said = said(&new(workspace, &[&[name, "--data", file.to_str().unwrap()], flags].concat()));
    let manifest = workspace.join("experiments").join(name).join("manifest.yaml");
    (said, serde_yaml::from_str(&fs::read_to_string(manifest).unwrap()).unwrap())
}

/// Columns of every kind.
fn kinds(folder: &Path) -> PathBuf {
    let header = "id,day,grade,colour,note,unit,size,weight,price";
    write(folder, "kinds.csv", header, 60, |row| {
        let colour = ["red", "blue", "green"][row % 3];
        let weight = if row == 5 { String::new() } else { format!("{}.25", row * 7 % 41) };
        let price = row as f64 * 1.5 + 0.1;
        format!("{row},2024-01-{:02},{},{colour},text {row},kg,{}.5,{weight},{price}", row % 28 + 1, row % 4, row % 13)
    })
}

#[test]
fn names_that_are_taken_or_none_are_refused() {
    let place = workspace();
    for (name, expected) in [
        ("Cars", "lower-case letters, digits and hyphens"),
        ("2cars", "begins with a letter"),
        ("serde", "a crate or program is called serde already"),
        ("keras", "a crate or program is called keras already"),
        ("match", "a word that cargo or Rust keeps for itself"),
    ] {
        let error = refused(place.path(), &[name], 2);
        assert!(error.contains(expected), "{error}");
    }
    said(&new(place.path(), &["cars"]));
    let again = refusal(&new(place.path(), &["cars"]), 2);
    assert_eq!(again, "error: there is an experiment cars already\n");
}

#[test]
fn labels_and_flags_that_do_not_fit_the_file_are_refused_in_one_line() {
    let place = workspace();
    let folder = tempfile::tempdir().unwrap();
    let file = kinds(folder.path());
    let file = file.to_str().unwrap();
    for (label, flags, code, expected) in [
        ("grade", &[][..], 65, "label: grade has the whole numbers 0, 1, 2, …; give --number grade".to_owned()),
        ("grade", &[], 65, "--categorical grade if they are classes".to_owned()),
        ("day", &[], 65, "label: day holds dates".to_owned()),
        ("note", &[], 65, "label: note holds texts".to_owned()),
        ("unit", &[], 65, "label: unit has no two values that differ".to_owned()),
        ("price", &["--categorical", "price"], 65, "expected a class, a text or a whole number, got 0.1".to_owned()),
        ("note", &["--categorical", "note"], 65, "every class needs 2 rows".to_owned()),
        ("prise", &[], 2, "--label: there is no column prise; did you mean price?".to_owned()),
        ("height", &[], 2, "--label: there is no column height; did you mean weight?".to_owned()),
        ("volume", &[], 2, "--label: there is no column volume; there are id, day, grade, colour".to_owned()),
        ("price", &["--number", "colour"], 2, "--number: colour holds red, blue, green, no numbers".to_owned()),
        ("price", &["--without", "price"], 2, "--without: price is the label".to_owned()),
        ("price", &["--number", "id", "--without", "id"], 2, "--without: id is given with --number too".to_owned()),
        ("price", &["--categorical", "note"], 65, "or leave the column out with --without".to_owned()),
    ] {
        let arguments = [&["cars", "--data", file, "--label", label], flags].concat();
        let error = refused(place.path(), &arguments, code);
        assert!(error.contains(&expected), "{error}");
    }
    let error = refused(place.path(), &["cars", "--data", "/no/such.csv", "--label", "y"], 74);
    assert!(error.starts_with("cannot read /no/such.csv"), "{error}");
    let semicolons = write(folder.path(), "semicolons.csv", "a;y", 20, |row| format!("{row};{row}"));
    let error = refused(place.path(), &["cars", "--data", semicolons.to_str().unwrap(), "--label", "y"], 2);
    assert_eq!(error, "--label: there is no column y; expected commas between the columns");
    let only = write(folder.path(), "only.csv", "unit,price", 20, |row| format!("kg,{row}.5"));
    let error = refused(place.path(), &["cars", "--data", only.to_str().unwrap(), "--label", "price"], 65);
    assert!(error.ends_with("no column is left to learn from: unit has one value (kg)"), "{error}");
}

#[test]
fn columns_are_named_and_left_out_unless_they_are_said_to_be_something() {
    let place = workspace();
    let folder = tempfile::tempdir().unwrap();
    let file = kinds(folder.path());
    let make = |name: &str, flags: &[&str]| made(place.path(), &file, name, &[&["--label", "price"], flags].concat());
    let (said, manifest) = make("few", &[]);
    assert!(said.starts_with("price is learnt from colour (a category), size, weight\n"), "{said}");
    for line in [
        "missing numbers become the median of the training rows",
        "left out: id looks like an identifier (0, 1, 2, …)",
        "left out: day holds dates (2024-01-01, 2024-01-02, 2024-01-03, …)",
        "left out: grade has 4 whole numbers (0, 1, 2, …): give --number grade if they are a quantity, --categorical grade if \
         they are codes",
        "left out: note looks like an identifier (\"text 0\", \"text 1\", \"text 2\", …)",
        "left out: unit has one value (kg)",
        "  cargo run --release -p few",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    let data = &manifest["data"];
    assert_eq!(data["features"], serde_json::json!(["colour", "size", "weight"]));
    assert_eq!(data["file"].as_str(), file.canonicalize().unwrap().to_str(), "the file stays where it is");
    assert_eq!(data["sha256"].as_str().unwrap().len(), 64);

    let (_, manifest) = make("more", &["--categorical", "grade", "--number", "id", "--without", "size", "--copy"]);
    let data = &manifest["data"];
    assert_eq!(data["features"], serde_json::json!(["id", "grade", "colour", "weight"]));
    assert_eq!(data["categorical"], serde_json::json!({"grade": "one-hot", "colour": "one-hot"}));
    assert_eq!(data["file"], "data/more/kinds.csv");
    assert_eq!(fs::read(place.path().join("data/more/kinds.csv")).unwrap(), fs::read(&file).unwrap());
    let listed = fs::read_to_string(place.path().join("data/SHA256SUMS")).unwrap();
    assert_eq!(listed, format!("{}  more/kinds.csv\n", data["sha256"].as_str().unwrap()));
}

/// Two classes are one sigmoid, more a softmax; codes are classes if that is said.
#[test]
fn a_label_that_is_a_class_makes_a_classifier() {
    let place = workspace();
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "kinds.csv", "colour,code,answer,size", 60, |row| {
        let answer = if row % 7 > 2 { "yes" } else { "no" };
        format!("{},{},{answer},{row}.5", ["red", "blue", "green"][row % 3], row % 4 + 1)
    });
    for (label, flags, classes, last, loss) in [
        ("answer", &[][..], "no, yes", "[1,\"sigmoid\"]", "binary_crossentropy"),
        ("colour", &[], "blue, green, red", "[3,\"softmax\"]", "sparse_categorical_crossentropy"),
        ("code", &["--categorical", "code"], "1, 2, 3, 4", "[4,\"softmax\"]", "sparse_categorical_crossentropy"),
    ] {
        let (said, manifest) = made(place.path(), &file, label, &[&["--label", label], flags].concat());
        assert!(said.starts_with(&format!("{label} is one of the classes {classes}, learnt from ")), "{said}");
        let (data, layers) = (&manifest["data"], &manifest["model"]["layers"]);
        assert_eq!((&data["classes"], &data["test"]["stratify"]), (&Value::from(true), &Value::from(label)));
        assert_eq!(data["scaling"], serde_json::json!({"features": "standard", "label": "none"}));
        assert_eq!(serde_json::json!([layers[2]["units"], layers[2]["activation"]]).to_string(), last);
        assert_eq!(manifest["training"]["loss"], loss);
    }
    let (said, manifest) = made(place.path(), &file, "number", &["--label", "code", "--number", "code"]);
    assert!(said.starts_with("code is learnt from colour (a category), answer (a category), size\n"), "{said}");
    assert_eq!(manifest["training"]["loss"], "mse");
}

/// All forms are built by one run of cargo, which shares what this workspace has built.
#[test]
fn what_is_made_builds_and_runs() {
    let place = workspace();
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "floats.csv", "a,b,c,d,e,f,g,h,y", 400, |row| {
        let x: Vec<f64> = (1..9).map(|column| (f64::from(column).sqrt() * row as f64).fract()).collect();
        let y = 4.0 * (x[1] - 0.5) * (x[2] - 0.5) + 3.0 * (x[4] - 0.5).abs() + x[5];
        x.into_iter().chain([y]).map(|value| value.to_string()).collect::<Vec<_>>().join(",")
    });
    said(&new(place.path(), &["made-of-a-file", "--data", file.to_str().unwrap(), "--label", "y", "--number", "a"]));
    said(&new(place.path(), &["made-of-drawn-data"]));
    let classes = write(folder.path(), "classes.csv", "a,b,class", 600, |row| {
        let [a, b] = [2.0_f64, 3.0].map(|root| (root.sqrt() * row as f64).fract());
        let class = if a > 0.8 {
            "right"
        } else if (a > 0.4) == (b > 0.5) {
            "same"
        } else {
            "other"
        };
        format!("{a},{b},{class}")
    });
    said(&new(place.path(), &["made-of-classes", "--data", classes.to_str().unwrap(), "--label", "class"]));
    build(place.path());
    let programs = Path::new(env!("CARGO_BIN_EXE_tunebook")).parent().unwrap();
    let run = |name: &str, arguments: &[&str]| -> Value {
        let output = Command::new(programs.join(name)).args(["--quiet", "--json"]).args(arguments).output().unwrap();
        serde_json::from_str::<Value>(&said(&output)).unwrap()["metrics"].clone()
    };
    let metrics = run("made-of-a-file", &[]);
    let error = |name: &str| metrics[name].as_f64().unwrap();
    assert!(error("rmse") < 0.8 * error("rmse_linear_regression"), "{metrics}");
    assert!(error("rmse_linear_regression") < error("rmse_mean"), "{metrics}");
    assert!(error("mae") < error("rmse"), "{metrics}");
    let report = place.path().join("reports/made-of-a-file");
    assert!(report.join("figures/training_loss.png").exists());
    let of_rows = [report.join("predictions.csv"), report.join("figures/predictions.png")];
    assert!(of_rows.iter().all(|file| file.exists()));

    // The file lies beside the second manifest, which names it relative to itself.
    let second = folder.path().join("second.yaml");
    let manifest = fs::read_to_string(place.path().join("experiments/made-of-a-file/manifest.yaml")).unwrap();
    let path = file.canonicalize().unwrap();
    fs::write(&second, manifest.replace(path.to_str().unwrap(), "floats.csv")).unwrap();
    let report = place.path().join("runs/made-of-a-file");
    let of_rows = [report.join("predictions.csv"), report.join("figures/predictions.png")];
    let other = ["--manifest", second.to_str().unwrap(), "--set", "show_rows=false"];
    assert_eq!(run("made-of-a-file", &other), metrics, "other figures, the same numbers");
    assert!(!of_rows.iter().any(|file| file.exists()), "no row of the data is shown");
    let page = fs::read_to_string(report.join("report.md")).unwrap();
    assert!(!page.contains("predictions.csv") && !page.contains("predictions.png"), "{page}");

    assert_eq!(run("made-of-drawn-data", &[])["outcome"], "complete");

    let metrics = run("made-of-classes", &[]);
    let accuracy = |name: &str| metrics[name].as_f64().unwrap();
    assert!(accuracy("accuracy") > 0.85, "{metrics}");
    assert!(accuracy("accuracy") > accuracy("accuracy_logistic_regression"), "{metrics}");
    assert!(accuracy("accuracy_logistic_regression") > accuracy("accuracy_most_frequent_class"), "{metrics}");
    let report = place.path().join("reports/made-of-classes");
    assert!(report.join("figures/confusion_matrix.png").exists() && report.join("predictions.csv").exists());
    let wrong = ["--set", "model.layers.2.units=4"];
    let output = Command::new(programs.join("made-of-classes")).args(wrong).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(65), "{error}");
    assert!(error.contains("the last layer must have 3 units, since class is one of 3 classes; got 4"), "{error}");
}
