use std::path::Path;

use manifest::{Activation, Loss, Manifest, Scaling, SeedScan};

fn load(name: &str) -> Manifest {
    let path = format!("{}/../../experiments/{name}/manifest.yaml", env!("CARGO_MANIFEST_DIR"));
    Manifest::load(Path::new(&path), &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// The same manifest with another's words: name, title and analysis.
fn retold(mut manifest: Manifest, other: &Manifest) -> Manifest {
    manifest.experiment.clone_from(&other.experiment);
    manifest.title.clone_from(&other.title);
    manifest.analysis.clone_from(&other.analysis);
    manifest
}

/// Each bears its folder's name, and training is what the post trains.
#[test]
fn names() {
    for (name, title) in [
        ("raw-relu", "No scaling, ReLU"),
        ("standardized-relu", "Standardised data, ReLU"),
        ("linear-activation", "Every activation linear"),
    ] {
        let manifest = load(name);
        assert_eq!(manifest.experiment, name);
        assert_eq!(manifest.title, title);
        assert_eq!(manifest.source.published, "data/published.yaml");
        assert_eq!(manifest.training.loss, Loss::Mse);
        assert_eq!(manifest.training.epochs, 100);
    }
}

/// From one experiment to the next, one thing changes.
#[test]
fn neighbours() {
    let (raw, standardized, linear) = (load("raw-relu"), load("standardized-relu"), load("linear-activation"));
    assert_eq!(raw.scaling, Scaling::None);
    assert_eq!(raw.model.layers[0].activation, Activation::Relu);

    let mut scaled = retold(raw, &standardized);
    scaled.scaling = Scaling::Standard;
    assert_eq!(scaled, standardized);

    let mut straight = retold(standardized, &linear);
    straight.model.layers[0].activation = Activation::Linear;
    straight.seed_scan = Some(SeedScan { first: 0, last: 199 });
    straight.variants.clone_from(&linear.variants);
    assert_eq!(straight, linear);
}

/// Each begins with the line by which an editor finds the schema.
#[test]
fn editor_line() {
    for name in ["raw-relu", "standardized-relu", "linear-activation", "seed-study", "keras-parity", "published-log"] {
        let folder = format!("{}/../../experiments/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(format!("{folder}/manifest.yaml")).unwrap();
        let schema = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# yaml-language-server: $schema="))
            .expect("the first line names the schema");
        assert!(Path::new(&folder).join(schema).is_file(), "{schema}");
    }
}
