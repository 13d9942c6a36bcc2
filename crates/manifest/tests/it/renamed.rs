use manifest::Document;

use crate::types::{Manifest, Optimizer, Pruner};

use crate::sample::{SAMPLE, document_of, error_of, manifest_of};

/// The sample with all of Adam's keys.
fn adam() -> String {
    SAMPLE.replace("learning_rate: 0.01}", "learning_rate: 0.02, beta_1: 0.8, beta_2: 0.9, epsilon: 1e-3}")
}

/// The keys that only the old optimizer has go; those that both have stay.
#[test]
fn own_keys_go() {
    let optimizer = |name: &str| manifest_of(&adam(), &[&format!("training.optimizer.name={name}")]).training.optimizer;
    assert_eq!(optimizer("sgd"), Optimizer::Sgd { learning_rate: 0.02 });
    assert_eq!(optimizer("momentum"), Optimizer::Momentum { learning_rate: 0.02, momentum: 0.9, nesterov: false });
    assert_eq!(optimizer("rmsprop"), Optimizer::Rmsprop { learning_rate: 0.02, rho: 0.9, epsilon: 1e-3 });
    let same = Optimizer::Adam { learning_rate: 0.02, beta_1: 0.8, beta_2: 0.9, epsilon: 1e-3 };
    assert_eq!(optimizer("adam"), same);
}

/// `--set`, `--set` over a resolved manifest, a variant and a trial of a search give the same, also where the file leaves
/// keys to their defaults.
#[test]
fn one_rule_everywhere() {
    let names = ["sgd", "momentum", "rmsprop", "adam"];
    for old in
        ["{name: sgd}", "{name: adam, beta_1: 0.5}", "{name: rmsprop, rho: 0.1, epsilon: 1e-4}", "{name: momentum}"]
    {
        let file = SAMPLE.replace("{name: adam, learning_rate: 0.01}", old);
        for name in names {
            let change = format!("training.optimizer.name={name}");
            let expected = manifest_of(&file, &[&change]).training;
            let resolved = document_of(&file, &[]).to_yaml();
            assert_eq!(manifest_of(&resolved, &[&change]).training, expected, "{old} to {name}");
            let variants = format!("{file}variants: [{{name: other, set: [{change}]}}]\n");
            assert_eq!(document_of(&variants, &[]).variant("other").unwrap().training, expected, "{old} to {name}");
            let trial = document_of(&file, &[]).with([("training.optimizer.name", name.into())]).unwrap();
            assert_eq!(trial.training, expected, "{old} to {name}");
            // There and back again, as if nothing had been.
            let back = format!("training.optimizer.name={}", old[7..].split([',', '}']).next().unwrap());
            assert_eq!(manifest_of(&file, &[&change, &back]), manifest_of(&file, &[]), "{old} to {name} and back");
        }
    }
}

/// What an override sets is never dropped: a key that the new optimizer lacks is an error that names the override.
#[test]
fn what_an_override_sets_stays() {
    let answer = "training.optimizer.beta_1: unknown field; allowed: learning_rate, name";
    let (name, beta) = ("training.optimizer.name=sgd", "training.optimizer.beta_1=0.5");
    for text in [adam(), SAMPLE.to_owned()] {
        for overrides in [[name, beta], [beta, name]] {
            assert_eq!(error_of(&text, &overrides), format!("--set {beta}: {answer}"));
        }
    }
    let whole = "training.optimizer={name: adam, beta_1: 0.5}";
    assert_eq!(error_of(&adam(), &[whole, name]), format!("--set {whole}: {answer}"));
    let rate = manifest_of(&adam(), &["training.optimizer.learning_rate=0.5", name]).training.optimizer;
    assert_eq!(rate, Optimizer::Sgd { learning_rate: 0.5 });
    let error = error_of(&adam().replace("beta_2", "beta_3"), &[name]);
    assert_eq!(error, "manifest.yaml:21:61: training.optimizer.beta_3: unknown field; allowed: learning_rate, name");
}

/// One message names the keys that went, where they stand in the user's file.
#[test]
fn a_note_names_the_keys_of_the_file() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("renamed.yaml");
    std::fs::write(&path, adam()).unwrap();
    let noted = |change: &str| Document::<Manifest>::load_and_note(&path, &[change.to_owned()]).unwrap().1;
    let place = path.display();
    assert_eq!(
        noted("training.optimizer.name=sgd"),
        [format!("{place}:21:14: training.optimizer: beta_1, beta_2, epsilon go with adam, sgd has no such field")]
    );
    assert_eq!(
        noted("training.optimizer.name=rmsprop"),
        [format!("{place}:21:14: training.optimizer: beta_1, beta_2 go with adam, rmsprop has no such field")]
    );
    for change in ["training.optimizer.name=adam", "training.optimizer={name: sgd}", "training.epochs=3"] {
        assert!(noted(change).is_empty(), "{change}");
    }
}

/// Pruners are told apart by name as well.
#[test]
fn pruners() {
    let pruner = "pruner: {name: median, startup_trials: 3}\n";
    let manifest = manifest_of(&format!("{SAMPLE}{pruner}"), &["pruner.name=halving"]);
    assert_eq!(manifest.pruner, Some(Pruner::Halving {}));
}
