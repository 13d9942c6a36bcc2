//! The rules that the JSON Schema cannot state: those between fields, and of the form of a text.

use search::functions::{ALL, Function};
use search::{Domain, Space};

use crate::broken::Broken;
use crate::error::{Error, Fault};
use crate::parameters::parameters;
use crate::scalar::quote;
use crate::search::FRESH_SEEDS;
use crate::tree::{Node, join};
use crate::types::{Data, Device, Engine, LARGEST_EXACT, Layer, Manifest, Scaling, SeedScan, Training, Uniform};

/// The flow whose seeds have bounds.
const KERAS: &str = "keras-set-random-seed";

/// The most seeds that a scan trains from.
const MOST_SEEDS: i128 = 1_000_000;

/// Checks the manifest that was read from `root`.
pub(crate) fn check(manifest: &Manifest, root: &Node) -> Result<(), Fault> {
    texts(manifest)
        .and_then(|()| data(&manifest.data))
        .and_then(|()| scaling(manifest))
        .and_then(|()| output_layer(manifest))
        .and_then(|()| device(manifest))
        .and_then(|()| seeds(manifest))
        .and_then(|()| seed_scan(manifest))
        .and_then(|()| factors(manifest))
        .and_then(|()| search(manifest))
        .and_then(|()| comparison(manifest))
        .and_then(|()| variants(manifest))
        .map_err(|broken| broken.into_fault(root))
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
    let files = [("recorded", &manifest.recorded), ("witness", &manifest.witness)];
    let files = files.into_iter().filter_map(|(path, file)| Some((path.to_owned(), file.as_ref()?, "")));
    let variants = manifest.variants.iter().enumerate();
    let variants = variants.map(|(index, variant)| (format!("variants.{index}.name"), &variant.name, ""));
    let texts = texts.map(|(path, text, allowed)| (path.to_owned(), text, allowed));
    for (path, text, allowed) in texts.into_iter().chain(files).chain(variants) {
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

/// Every training of a run has a seed of its own, which the flow takes.
pub(crate) fn seeds(manifest: &Manifest) -> Result<(), Broken> {
    let Training { seed, flow, .. } = manifest.training;
    let (first, last) = flow.seeds().into_inner();
    if !flow.seeds().contains(&seed) {
        let message = format!("must be from {first} to {last} with flow {KERAS}, as Keras takes it, got {seed}");
        return Err(Broken::new("training.seed", message).with("training.flow"));
    }
    for (path, count, after) in seeds_after(manifest) {
        let ends = i128::from(seed) + i128::from(count) + i128::from(after) - 1;
        if ends > i128::from(last) {
            let and = if after == 0 { String::new() } else { format!(" and {after} more") };
            let message = format!(
                "needs {count} seeds from training.seed on{and}, up to {ends}; the last that the flow takes is {last}"
            );
            return Err(Broken::new(path, message).with("training.seed").with("training.flow"));
        }
    }
    Ok(())
}

/// What trains from several seeds: the key that says from how many, their number, and how many are used after them.
fn seeds_after(manifest: &Manifest) -> Vec<(&'static str, u32, u32)> {
    let search = manifest.search.as_ref().map(|search| ("search.repeats", search.repeats, FRESH_SEEDS));
    let factors = manifest.factors.as_ref().map(|factors| ("factors.seeds", factors.seeds, 0));
    search.into_iter().chain(factors).collect()
}

fn seed_scan(manifest: &Manifest) -> Result<(), Broken> {
    let Some(SeedScan { first, last }) = manifest.seed_scan else {
        return Ok(());
    };
    let taken = manifest.training.flow.seeds();
    for (path, seed) in [("seed_scan.first", first), ("seed_scan.last", last)] {
        if !taken.contains(&seed) {
            let (least, most) = (taken.start(), taken.end());
            let message = format!("must be from {least} to {most} with flow {KERAS}, as Keras takes it, got {seed}");
            return Err(Broken::new(path, message).with("training.flow"));
        }
    }
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

/// Every factor is a list of values, and stands alone.
fn factors(manifest: &Manifest) -> Result<(), Broken> {
    let Some(factors) = &manifest.factors else { return Ok(()) };
    for factor in factors.parameters.parameters() {
        let message = if !matches!(factor.domain, Domain::Categorical { .. }) {
            "expected values: a list, not a range"
        } else if !factor.when.is_empty() {
            "a factor is changed alone; it has no when"
        } else {
            continue;
        };
        return Err(Broken::new(join("factors.parameters", &factor.name), message));
    }
    for factor in factors.parameters.parameters() {
        let alone = Space::new(vec![factor.clone()]).unwrap_or_else(|_| factors.parameters.clone());
        parameters(manifest, "factors.parameters", &alone)?;
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
            // Where an override is wrong, it says so; what else is wrong has a place only in what the variant is made of.
            let message = match error {
                Error::Invalid { location, message } if !location.starts_with("--set") => message,
                error => error.to_string(),
            };
            return Err(Broken::new(format!("variants.{index}.set"), message));
        }
    }
    Ok(())
}
