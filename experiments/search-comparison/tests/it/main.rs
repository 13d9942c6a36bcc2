//! The run of `search-comparison` as a user starts it, and its record.

/// What the page says holds for the manifest that was run.
mod sentences;

use std::path::Path;
use std::process::Command;

use search::study::Outcome;
use search::{Assignment, Direction, Options, SamplerKind, Trial};
use search_comparison::record::{self, EVALUATIONS, POST, RECORD};
use search_comparison::test_functions::ALL;
use search_comparison::{Manifest, contestants, measured, significance, study};
use tempfile::tempdir;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// TPE and the Gaussian process stay with the linear activation, the others cannot; every sampler finds it.
#[test]
fn samplers_that_learn_stay_with_the_linear_activation() {
    let run = notebook::expect::Run::of(env!("CARGO_BIN_EXE_search-comparison"), &[]);
    let metrics = &run.metrics;
    let later = |name: &str| metrics[format!("found_of_trials_21_to_40_{name}")].as_f64().unwrap();
    for name in ["grid", "random", "sobol"] {
        assert!((3.0..8.0).contains(&later(name)), "{name}: {metrics}");
    }
    assert!(later("tpe") > 12.0 && later("gaussian_process") > 15.0, "{metrics}");
    for row in run.read("samplers.csv").lines().skip(1) {
        assert_eq!(row.split(',').nth(4), Some("1.0"), "{row}");
    }
}

/// Without samplers there is nothing to compare; studies that end early have no later trials to speak of.
#[test]
fn small_comparisons_get_a_clear_answer() {
    let cases = [
        ("variants=[]", "variants: there is none, and so no sampler to compare"),
        (
            "comparison.find=training.loss=huber",
            "comparison.find: expected a parameter of the search and one of its values",
        ),
        ("comparison.functions=[brannin]", "comparison.functions.0: expected one of branin, hartmann6, mixed, "),
        ("search.repeats=3", "search.repeats: a comparison of samplers has no use for it"),
        ("search.sampler=tpe", "search.sampler: must be random: the samplers that are compared stand in the variants"),
    ];
    notebook::expect::refusals(env!("CARGO_BIN_EXE_search-comparison"), &cases);
    let short = ["comparison.seeds=2", "search.trials=18", "comparison.target=-100"];
    notebook::expect::sentences(
        env!("CARGO_BIN_EXE_search-comparison"),
        &[(&short, &[], &["trials 21 to 40", "once most studies"])],
    );
}

/// The record is what the samplers do now: one study of each function by each sampler is run again.
#[test]
fn the_record_is_what_the_samplers_do() {
    let manifest = manifest::load::<Manifest>(&folder().join("manifest.yaml"), &[]).unwrap();
    let comparison = manifest.comparison.clone();
    let record = record::load(&folder().join("../../reports/search-comparison/records").join(RECORD)).unwrap();
    // The first 30 evaluations, and less than all: the Gaussian process takes most of its time for the last ones.
    let (count, last) = (30, EVALUATIONS.iter().position(|at| *at == 30).unwrap());
    for function in comparison.functions.iter().map(String::as_str).chain([POST]) {
        for contestant in contestants(&manifest).unwrap() {
            let seeds = record.studies.iter().filter(|of| of.function == function && of.sampler == contestant.name);
            assert_eq!(seeds.count() as u64, comparison.recorded_seeds.count(), "{function}");
            let seed = comparison.recorded_seeds.first as u32 + 7;
            let known = record
                .studies
                .iter()
                .find(|of| of.function == function && of.sampler == contestant.name && of.seed == seed);
            let again = measured(&manifest, function, &contestant, seed, count).unwrap();
            assert_eq!(known.unwrap().best[..=last], again.best[..=last], "{function} by {}", contestant.name);
        }
    }
}

/// The p-values of SciPy 1.17.1, `mannwhitneyu(…, alternative="greater", method="asymptotic")`, on samples with ties, and Holm's
/// adjustment by hand.
#[test]
fn significance_is_that_of_scipy() {
    let sample = [1.5, 2.0, 2.0, 3.25, 4.0, 5.5, 6.0, 6.0, 7.5, 9.0];
    let other = [0.5, 1.0, 2.0, 2.5, 3.0, 3.25, 4.0, 4.5, 5.0, 6.0];
    for (p, expected) in [
        (significance::of_greater(&sample, &other), 0.10528522302466364),
        (significance::of_greater(&other, &sample), 0.9078906434339213),
    ] {
        assert!((p / expected - 1.0).abs() < 1e-13, "{p}, not {expected}");
    }
    let far: Vec<f64> = (0..40).map(f64::from).collect();
    let p = significance::of_greater(&far, &far.iter().map(|value| value - 40.0).collect::<Vec<_>>());
    assert!((p / 7.17542653196834e-15 - 1.0).abs() < 1e-12, "{p}");
    assert_eq!(significance::of_greater(&[1.0; 4], &[1.0; 5]).to_bits(), 1f64.to_bits());
    let adjusted = significance::holm(&[0.01, 0.04, 0.03, 0.005]);
    for (p, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        assert!((p - expected).abs() < 1e-12, "{adjusted:?}");
    }
}

/// Parameters in, values out; what is no parameters gets one line.
#[test]
fn the_objective_answers_other_programs() {
    let run = |input: &str| {
        let place = tempdir().unwrap();
        let file = place.path().join("input");
        std::fs::write(&file, input).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_objective"));
        command.stdin(std::fs::File::open(&file).unwrap()).output().unwrap()
    };
    let good = run(concat!(
        "{\"model.layers.0.activation\": \"linear\", \"training.optimizer.learning_rate\": 0.01}\n",
        "{\"model.layers.0.activation\": \"tanh\"}\n",
        "{\"training.optimizer.name\": \"sgd\", \"training.optimizer.learning_rate\": 1e6}\n",
    ));
    let text = String::from_utf8(good.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(good.status.success() && lines.len() == 3 && lines[2] == "null", "{text}");
    let (linear, tanh): (f64, f64) = (lines[0].parse().unwrap(), lines[1].parse().unwrap());
    assert!(linear < -4.0 && tanh > 1.0, "{text}");
    let bad = run("nonsense\n");
    assert!(!bad.status.success());
    assert_eq!(String::from_utf8_lossy(&bad.stderr).lines().count(), 1);
}

/// TPE and the Gaussian process come nearer to every function's minimum than random search, by the median of 11 studies.
#[test]
fn samplers_that_learn_beat_random_search_on_every_function() {
    for function in ALL {
        let space = function.space().unwrap();
        let regret = |kind: SamplerKind| {
            let regret = |seed| {
                let sampler = kind.build(seed, &space, Options::default()).unwrap();
                let objective = |parameters: &Assignment| Outcome::Complete(function.value(parameters));
                let trials: Vec<Trial> = study(&*sampler, &space, Direction::Minimize, 60, objective, || ());
                let best = trials.iter().filter_map(|trial| trial.value).fold(f64::INFINITY, f64::min);
                assert!(best >= function.minimum - 1e-9, "{}: {best} is below the minimum", function.name);
                best - function.minimum
            };
            notebook::median(&(0..11).map(regret).collect::<Vec<f64>>())
        };
        let random = regret(SamplerKind::Random);
        for kind in [SamplerKind::Tpe, SamplerKind::Gp] {
            let guided = regret(kind);
            assert!(guided < random, "{}: {kind:?} {guided}, random {random}", function.name);
        }
    }
}
