use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{read, root};

/// What makes each experiment short enough to be run once a key.
const SHORT: [(&str, &[&str]); 12] = [
    ("raw-relu", &["training.epochs=3"]),
    ("standardized-relu", &["training.epochs=3"]),
    ("linear-activation", &["training.epochs=3", "seed_scan={first: 0, last: 1}"]),
    ("published-log", &["training.epochs=30"]),
    ("keras-parity", &["epochs=3", "recorded=[RECORDED]"]),
    ("seed-study", &["training.epochs=6", "seed_scan={first: 0, last: 9}"]),
    ("one-at-a-time", &["training.epochs=3", "factors={seeds: 2, parameters: {training.loss: {values: [mse, mae]}}}"]),
    ("bayesian-search", &["training.epochs=3", "search.trials=14", "search.report_every=1"]),
    ("grid-search", &["training.epochs=3", "search.trials=6", "search.report_every=1"]),
    ("random-search", &["training.epochs=3", "search.trials=6", "search.report_every=1"]),
    ("training-speed", &[]),
    (
        "search-comparison",
        &["training.epochs=3", "comparison.seeds=1", "comparison.functions=[branin]", "search.trials=40"],
    ),
];

/// Texts, which stand in the pages alone.
const TEXTS: [&str; 3] = ["experiment", "title", "source"];

/// Keys whose other value is not made from their type.
fn special(experiment: &str, place: &Path) -> Vec<(&'static str, Value)> {
    let recorded = json!(place.join("other.json"));
    let parameters = json!({"training.epochs": {"values": [2, 3]}});
    let mut special = vec![
        ("training.device", json!("cuda:63")),
        ("device", json!("cuda:63")),
        ("search.parameters", parameters.clone()),
        ("factors.parameters", parameters),
        ("search.pruner", json!({"name": "successive_halving", "reduction_factor": 2})),
        ("search.report_every", json!(2)),
        ("data.draw", json!("uniform")),
        ("training.optimizer.epsilon", json!(0.01)),
        ("model.layers.0.kernel_initializer", json!("he_normal")),
        ("search.objective", json!("accuracy")),
        ("search.validation_split", json!(0.3)),
        ("comparison.find", json!("model.layers.0.activation=tanh")),
        ("comparison.target", json!(5.0)),
        ("comparison.functions", json!(["levy4"])),
        ("variants", json!([])),
        ("model.layers", json!([{"units": 3}, {"units": 1}])),
        ("recorded", if experiment == "keras-parity" { json!([recorded]) } else { recorded }),
        ("seed_scan.rows", json!(1)),
        ("witness", json!(place.join("witness.json"))),
    ];
    special.extend((experiment != "search-comparison").then(|| ("search.sampler", json!("sobol"))));
    special
}

/// Every key of the schema at its path with another value than the manifest's.
fn keys(schema: &Value, now: &Value, path: &str, found: &mut BTreeMap<String, Value>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    if let Some(variants) = schema["oneOf"].as_array() {
        let names: Vec<&Value> = variants.iter().filter_map(|of| of.get("const")).collect();
        if let Some(other) = names.iter().find(|name| **name != now) {
            found.insert(path.to_owned(), (*other).clone());
            return;
        }
        let of = |name: &Value| variants.iter().find(|of| of["properties"]["name"]["const"] == *name);
        if let Some(variant) = of(&now["name"]) {
            let other = variants.iter().map(|of| &of["properties"]["name"]["const"]).find(|name| **name != now["name"]);
            found.extend(other.map(|other| (join("name"), other.clone())));
            for (key, field) in variant["properties"].as_object().unwrap().iter().filter(|(key, _)| *key != "name") {
                keys(field, &now[key], &join(key), found);
            }
        }
        return;
    }
    if let Some(of) = schema["anyOf"].as_array().and_then(|of| of.iter().find(|of| of["type"] != "null")) {
        keys(of, now, path, found);
        return;
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    let other = match kind {
        "object" => {
            for (key, field) in schema["properties"].as_object().into_iter().flatten() {
                keys(field, &now[key], &join(key), found);
            }
            return;
        }
        "array" if now[0].is_object() => {
            keys(&schema["items"], &now[0], &join("0"), found);
            return;
        }
        "integer" => {
            let next = now.as_i64().unwrap_or(2) + 1;
            json!(if schema["maximum"].as_i64().is_some_and(|most| next > most) { next - 2 } else { next })
        }
        "number" => json!(now.as_f64().unwrap_or(0.5) * 0.5),
        "boolean" => json!(!now.as_bool().unwrap_or_default()),
        _ => return,
    };
    found.insert(path.to_owned(), other);
}

/// A key of an experiment with another value, and the run that it is compared with.
struct Key {
    program: PathBuf,
    short: Vec<String>,
    base: String,
    path: String,
    value: String,
}

impl Key {
    /// What is wrong, if the value changes no digest and is not refused, with the exit code of a bad manifest or of a file that
    /// cannot be read, by one line that names the key.
    fn ignored(&self) -> Option<String> {
        let Self { program, short, base, path, value } = self;
        let out = tempdir().unwrap();
        let output = run(program, short, Some(&format!("{path}={value}")), &out.path().join("report"));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let obeyed = if output.status.success() {
            digests(&out.path().join("report")) != *base
        } else {
            let errors: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("note: ")).collect();
            // Another machine has the device.
            let is_refused = match output.status.code() {
                Some(1) => path.ends_with("device"),
                code => matches!(code, Some(65 | 74)),
            };
            is_refused && errors.len() == 1 && path.split('.').any(|step| errors[0].contains(step))
        };
        (!obeyed).then(|| format!("{}: {path}={value} {stderr}", program.display()))
    }
}

fn run(program: &Path, short: &[String], change: Option<&str>, out: &Path) -> Output {
    let mut command = Command::new(program);
    command.args(["--quiet", "--out"]).arg(out).current_dir(root());
    for set in short.iter().map(String::as_str).chain(change) {
        command.args(["--set", set]);
    }
    command.output().unwrap()
}

/// The digests of a report's values and tables, the names of its figures, and how much its study's journal has: pages, figures
/// and programs say by themselves which keys are changed.
fn digests(out: &Path) -> String {
    let sums = std::fs::read_to_string(out.join("SHA256SUMS")).unwrap();
    let of_file = |line: &str| {
        let name = line.split_once("  ").map_or(line, |(_, name)| name);
        let says_keys = [".html", ".ipynb", ".md", ".png", ".py", ".yaml", "notebook.json"];
        let digest = if says_keys.iter().any(|end| name.ends_with(end)) { name } else { line };
        format!("{digest}\n")
    };
    let journal = std::fs::read_to_string(out.join("records/journal.log")).unwrap_or_default();
    sums.lines().map(of_file).chain([journal.lines().count().to_string()]).collect()
}

/// A key of a manifest is obeyed, which a digest shows, or it is refused by its name. Whatever a value was written for, none
/// is ignored.
#[test]
fn every_key_is_obeyed_or_refused() {
    let programs = Path::new(env!("CARGO_BIN_EXE_tunebook")).parent().unwrap();
    let place = tempdir().unwrap();
    records(place.path());
    let mut work = Vec::new();
    for (experiment, short) in SHORT {
        let program = programs.join(experiment);
        let recorded = place.path().join("recorded.json").display().to_string();
        let short: Vec<String> = short.iter().map(|set| set.replace("RECORDED", &recorded)).collect();
        let out = place.path().join(experiment);
        let base = run(&program, &short, None, &out);
        assert!(base.status.success(), "{experiment}: {}", String::from_utf8_lossy(&base.stderr));
        let schema = Command::new(&program).arg("--schema").output().unwrap().stdout;
        let schema: Value = serde_json::from_slice(&schema).unwrap();
        let now: Value = serde_yaml::from_slice(&std::fs::read(out.join("resolved.yaml")).unwrap()).unwrap();
        let mut found = BTreeMap::new();
        keys(&schema, &now, "", &mut found);
        for (path, other) in special(experiment, place.path()) {
            let pointer = format!("/properties/{}", path.replace('.', "/properties/"));
            if found.contains_key(path) || schema.pointer(&pointer).is_some() {
                found.insert(path.to_owned(), other);
            }
        }
        // What a search sets has no value of its own. Samplers that do not learn suggest the same in any rounds.
        let searched: Vec<&String> =
            now["search"]["parameters"].as_object().into_iter().flat_map(|of| of.keys()).collect();
        found.retain(|path, _| !searched.iter().any(|key| *key == path || key.starts_with(&format!("{path}."))));
        if ["grid-search", "random-search"].contains(&experiment) {
            found.remove("search.round");
        }
        // It stands in the manifests of other samplers for the day on which they are told to be a grid.
        if ["bayesian-search", "random-search"].contains(&experiment) {
            found.remove("search.grid_points");
        }
        found.retain(|path, _| !TEXTS.contains(&path.split('.').next().unwrap()) && !path.starts_with("variants."));
        // The searches by one program differ in what their manifests say of the search: the other keys are tried once.
        if experiment != "random-search" && code(experiment) == code("random-search") {
            found.retain(|path, _| path.starts_with("search."));
        }
        assert!(found.len() > 2, "{experiment}: {found:?}");
        let base = digests(&out);
        for (path, other) in found {
            let (program, short, base) = (program.clone(), short.clone(), base.clone());
            work.push(Key { program, short, base, path, value: other.to_string() });
        }
    }
    let count = work.len();
    assert!(count > 200, "only {count} keys");
    let ignored: Vec<String> = work.par_iter().filter_map(Key::ignored).collect();
    assert!(ignored.is_empty(), "of {count} keys:\n{}", ignored.join("\n"));
}

/// The program of an experiment, without the question at its top.
fn code(experiment: &str) -> String {
    let program = read(&format!("experiments/{experiment}/src/main.rs"));
    program.lines().filter(|line| !line.starts_with("//!")).collect()
}

/// Small records beside the committed ones: two configurations, another two, and a witness with other weights.
fn records(place: &Path) {
    let record = |path: &str| -> Value { serde_json::from_str(&read(path)).unwrap() };
    let write = |name: &str, value: &Value| std::fs::write(place.join(name), value.to_string()).unwrap();
    let all = record("data/keras/recorded.json");
    let cases = all["cases"].as_array().unwrap();
    let base = cases.iter().position(|case| case["name"] == "base").unwrap();
    let mut other = cases[base].clone();
    other["runs"].as_array_mut().unwrap().truncate(1);
    write("recorded.json", &json!({"cases": [cases[base]]}));
    write("other.json", &json!({"cases": [other]}));
    let mut witness = record("data/published-log/witness.json");
    witness["orders"][0].as_array_mut().unwrap().reverse();
    write("witness.json", &witness);
}
