//! The rules that the JSON Schema cannot state: those between fields, and of the form of a text.

use search::functions::{ALL, Function};
use search::{Domain, Space, Value};

use crate::error::{Fault, Place};
use crate::scalar::quote;
use crate::tree::{Node, join};
use crate::types::{Data, Device, Engine, LARGEST_EXACT, Layer, Manifest, Scaling, SeedScan, Training, Uniform};

/// The most seeds that a scan trains from.
const MOST_SEEDS: i128 = 1_000_000;

/// Checks the manifest that was read from `root`.
pub(crate) fn check(manifest: &Manifest, root: &Node) -> Result<(), Fault> {
    texts(manifest)
        .and_then(|()| data(&manifest.data))
        .and_then(|()| scaling(manifest))
        .and_then(|()| output_layer(manifest))
        .and_then(|()| device(manifest))
        .and_then(|()| seed_scan(manifest))
        .and_then(|()| factors(manifest))
        .and_then(|()| search(manifest))
        .and_then(|()| comparison(manifest))
        .and_then(|()| variants(manifest))
        .map_err(|broken| broken.into_fault(root))
}

/// A rule that does not hold.
struct Broken {
    path: String,
    message: String,
    /// The other fields that the rule is about.
    others: Vec<String>,
}

impl Broken {
    fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), others: Vec::new() }
    }

    fn with(mut self, other: impl Into<String>) -> Self {
        self.others.push(other.into());
        self
    }

    /// If an override set one of the fields, that override broke the rule.
    fn into_fault(self, root: &Node) -> Fault {
        let place = root.place_of(&self.path);
        let place = std::iter::once(place)
            .chain(self.others.iter().map(|path| root.place_of(path)))
            .find(|place| matches!(place, Place::Override(_)))
            .unwrap_or(place);
        Fault::new(place, &self.path, self.message)
    }
}

fn texts(manifest: &Manifest) -> Result<(), Broken> {
    let slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !manifest.experiment.bytes().all(slug) {
        let got = quote(&manifest.experiment);
        let message = format!("expected lower-case letters, digits and hyphens only, got {got}");
        return Err(Broken::new("experiment", message));
    }
    let texts = [
        ("title", &manifest.title, ""),
        ("source.post", &manifest.source.post, ""),
        ("source.published", &manifest.source.published, ""),
        ("analysis", &manifest.analysis, "\n\t"),
    ];
    for (path, text, allowed) in texts {
        let strange = |letter: &char| letter.is_control() || "\u{2028}\u{2029}".contains(*letter);
        let mut strange = text.chars().filter(strange);
        if let Some(letter) = strange.find(|&letter| !allowed.contains(letter)) {
            let message = if letter == '\n' {
                format!("must be one line of text, got {}", quote(text))
            } else {
                format!("must not contain the control character U+{:04X}", u32::from(letter))
            };
            return Err(Broken::new(path, message));
        }
    }
    Ok(())
}

fn data(data: &Data) -> Result<(), Broken> {
    for (name, part) in [("train", &data.train), ("test", &data.test)] {
        let Uniform { low, high, .. } = *part;
        let (low_path, high_path) = (format!("data.{name}.low"), format!("data.{name}.high"));
        if low >= high {
            let message = format!("must be > low, got {high} with low {low}");
            return Err(Broken::new(high_path, message).with(low_path));
        }
        let add = data.label.add;
        for value in [low, high - 1] {
            // Both numbers are at most 2^53, so their sum fits.
            if (value + add).abs() > LARGEST_EXACT {
                let message = format!(
                    "must keep x + add from -{LARGEST_EXACT} to {LARGEST_EXACT}, got {add} \
                     with x = {value} in data.{name}"
                );
                let broken = Broken::new("data.label.add", message);
                return Err(broken.with(low_path).with(high_path));
            }
        }
    }
    Ok(())
}

fn scaling(manifest: &Manifest) -> Result<(), Broken> {
    if manifest.scaling != Scaling::Standard {
        return Ok(());
    }
    let Uniform { low, high, size } = manifest.data.train;
    if size < 2 {
        let message = format!("standard needs data.train.size >= 2, got {size}");
        return Err(Broken::new("scaling", message).with("data.train.size"));
    }
    if high - low < 2 {
        let message = format!(
            "standard needs at least two values to draw from in data.train, got low {low} and \
             high {high}"
        );
        let broken = Broken::new("scaling", message);
        return Err(broken.with("data.train.low").with("data.train.high"));
    }
    Ok(())
}

fn output_layer(manifest: &Manifest) -> Result<(), Broken> {
    let layers = &manifest.model.layers;
    match layers.last() {
        Some(Layer { units, .. }) if *units != 1 => {
            let path = format!("model.layers.{}.units", layers.len() - 1);
            let message = format!("must be 1 in the last layer (the label is one column), got {units}");
            Err(Broken::new(path, message))
        }
        _ => Ok(()),
    }
}

fn device(manifest: &Manifest) -> Result<(), Broken> {
    let Training { engine, device, .. } = manifest.training;
    if engine == Engine::Libtorch || device == Device::Cpu {
        return Ok(());
    }
    let message = format!("must be cpu with engine exact, got {device}");
    Err(Broken::new("training.device", message).with("training.engine"))
}

fn seed_scan(manifest: &Manifest) -> Result<(), Broken> {
    let Some(SeedScan { first, last }) = manifest.seed_scan else {
        return Ok(());
    };
    let message = if first > last {
        format!("must be >= first, got {last} with first {first}")
    } else if i128::from(last) - i128::from(first) >= MOST_SEEDS {
        format!("must be at most {} seeds after first, got {last} with first {first}", MOST_SEEDS - 1)
    } else {
        return Ok(());
    };
    Err(Broken::new("seed_scan.last", message).with("seed_scan.first"))
}

/// The sampler can search the space, and enough data are left to train on.
fn search(manifest: &Manifest) -> Result<(), Broken> {
    let Some(search) = &manifest.search else { return Ok(()) };
    if let Err(error) = search.sampler() {
        let rule = error.rule;
        return Err(Broken::new(join("search.parameters", &error.parameter), rule).with("search.sampler"));
    }
    if let Some(split) = search.validation_split {
        let size = manifest.data.train.size;
        let kept = crate::search::kept(size, split);
        if kept < 2 || kept == size {
            let message = format!("must leave 2 rows to train on and hold out 1, got {split:?} of {size} rows");
            return Err(Broken::new("search.validation_split", message).with("data.train.size"));
        }
    }
    parameters(manifest, "search.parameters", &search.parameters)
}

/// Every factor is a list of values.
fn factors(manifest: &Manifest) -> Result<(), Broken> {
    let Some(factors) = &manifest.factors else { return Ok(()) };
    for factor in factors.parameters.parameters() {
        if !matches!(factor.domain, Domain::Categorical { .. }) {
            let message = "expected values: a list, not a range";
            return Err(Broken::new(join("factors.parameters", &factor.name), message));
        }
    }
    parameters(manifest, "factors.parameters", &factors.parameters)
}

/// Every parameter is a key of the manifest, and takes the ends of its range or each of its values.
fn parameters(manifest: &Manifest, path: &str, space: &Space) -> Result<(), Broken> {
    for parameter in space.parameters() {
        let values = match &parameter.domain {
            Domain::Categorical { values } => values.clone(),
            Domain::Float { min, max, .. } => vec![Value::Float(*min), Value::Float(*max)],
            Domain::Integer { min, max, .. } => vec![Value::Integer(*min), Value::Integer(*max)],
        };
        let parents: Vec<(&str, &Value)> =
            parameter.when.iter().filter_map(|when| Some((when.parameter.as_str(), when.values.first()?))).collect();
        for value in &values {
            let assigned = parents.iter().copied().chain([(parameter.name.as_str(), value)]);
            if let Err(error) = manifest.assigned(assigned) {
                return Err(Broken::new(join(path, &parameter.name), error.without_place()));
            }
        }
    }
    Ok(())
}

/// The functions are known, and what is to be found is one of the parameters that are searched.
fn comparison(manifest: &Manifest) -> Result<(), Broken> {
    let Some(comparison) = &manifest.comparison else { return Ok(()) };
    let Some(search) = &manifest.search else {
        return Err(Broken::new("comparison", "needs a search to compare samplers on"));
    };
    let (name, value) = comparison.found();
    let parameter = search.parameters.parameters().iter().find(|parameter| parameter.name == name);
    let known = parameter.is_some_and(|parameter| match &parameter.domain {
        Domain::Categorical { values } => values.iter().any(|known| known.to_string() == value),
        _ => false,
    });
    if !known {
        let message =
            format!("expected a parameter of the search and one of its values, got {}", quote(&comparison.find));
        return Err(Broken::new("comparison.find", message).with("search.parameters"));
    }
    for (index, name) in comparison.functions.iter().enumerate() {
        if Function::named(name).is_none() {
            let known: Vec<&str> = ALL.iter().map(|function| function.name).collect();
            let message = format!("expected one of {}, got {}", known.join(", "), quote(name));
            return Err(Broken::new(format!("comparison.functions.{index}"), message));
        }
    }
    Ok(())
}

fn variants(manifest: &Manifest) -> Result<(), Broken> {
    for (index, variant) in manifest.variants.iter().enumerate() {
        if manifest.variants[..index].iter().any(|earlier| earlier.name == variant.name) {
            let message = format!("two variants are called {}", variant.name);
            return Err(Broken::new(format!("variants.{index}.name"), message));
        }
        if let Err(error) = manifest.changed(variant) {
            return Err(Broken::new(format!("variants.{index}.set"), error.to_string()));
        }
    }
    Ok(())
}
