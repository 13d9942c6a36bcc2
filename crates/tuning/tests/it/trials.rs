use crate::sample::{SAMPLE, error_of, manifest_of};

/// A search over these parameters, as an override.
fn search(parameters: &str) -> String {
    format!("search={{sampler: tpe, trials: 9, objective: rmse, parameters: {{{parameters}}}}}")
}

fn answer(parameters: &str) -> String {
    let search = search(parameters);
    let error = error_of(SAMPLE, &[&search]);
    let (_, answer) = error.split_once(": search.parameters.").unwrap_or_else(|| panic!("{error}"));
    answer.to_owned()
}

/// A key that exists for some values of another parameter only says so under `when`, and `when` allows no other value,
/// whichever comes first.
#[test]
fn conditional_keys() {
    let beta = "training.optimizer.beta_1: {min: 0.8, max: 0.99";
    let names = "training.optimizer.name: {values: [adam, sgd, rmsprop]}";
    let wrong = |name: &str, allowed: &str| {
        format!(
            "\"training.optimizer.beta_1\": is wrong in a trial with training.optimizer.name {name}: \
             training.optimizer.beta_1: unknown field; allowed: {allowed}; say under when where it exists"
        )
    };
    let sgd = wrong("sgd", "clipnorm, clipvalue, global_clipnorm, learning_rate, name");
    let rmsprop = wrong("rmsprop", "clipnorm, clipvalue, epsilon, global_clipnorm, learning_rate, name, rho");
    assert_eq!(answer(&format!("{names}, {beta}}}")), sgd);
    assert_eq!(answer(&format!("{beta}}}, {names}")), sgd);
    for (values, wrong) in
        [("[adam, sgd]", &sgd), ("[sgd, adam]", &sgd), ("[adam, rmsprop]", &rmsprop), ("[sgd]", &sgd)]
    {
        assert_eq!(answer(&format!("{names}, {beta}, when: {{training.optimizer.name: {values}}}}}")), *wrong);
    }
    let right = format!("{names}, {beta}, when: {{training.optimizer.name: [adam]}}}}");
    assert!(manifest_of(SAMPLE, &[&search(&right)]).search.is_some());
    // Without another optimizer there is nothing to say.
    assert!(manifest_of(SAMPLE, &[&search(&format!("{beta}}}"))]).search.is_some());
}

/// Conditions of conditions are followed to their end.
#[test]
fn conditions_of_conditions() {
    let names = "training.optimizer.name: {values: [adam, sgd]}";
    let chain = |units: &str| {
        format!(
            "{names}, model.layers.0.units: {{min: 4, max: 64, when: {{training.optimizer.name: [{units}]}}}}, \
             training.optimizer.beta_1: {{min: 0.8, max: 0.9, when: {{model.layers.0.units: [8]}}}}"
        )
    };
    assert!(manifest_of(SAMPLE, &[&search(&chain("adam"))]).search.is_some());
    let error = answer(&chain("adam, sgd"));
    assert!(
        error.starts_with("\"training.optimizer.beta_1\": is wrong in a trial with model.layers.0.units 8, training.optimizer.name sgd: "),
        "{error}"
    );
}

/// Every value of a list, both ends of a range, and every key are tried.
#[test]
fn keys_and_values() {
    for (parameters, expected) in [
        ("training.epochs: {min: 0, max: 9}", "\"training.epochs\": training.epochs: must be from 1 to 1000000, got 0"),
        (
            "training.epochs: {min: 1, max: 1000001}",
            "\"training.epochs\": training.epochs: must be from 1 to 1000000, got 1000001",
        ),
        (
            "training.epochs: {min: 1.0, max: 9.5}",
            "\"training.epochs\": training.epochs: expected a whole number from 1 to 1000000, got 1.0; write 1",
        ),
        (
            "training.batch_size: {values: [8, 16, 0]}",
            "\"training.batch_size\": training.batch_size: must be >= 1, got 0",
        ),
        (
            "training.batch_size: {values: [8, \"16\"]}",
            "\"training.batch_size\": training.batch_size: expected a whole number >= 1, got the text \"16\"; write it without quotes",
        ),
        (
            "model.layers.1.units: {values: [1, 2]}",
            "\"model.layers.1.units\": model.layers.1.units: must be 1 in the last layer (the label is one column), got 2",
        ),
        (
            "model.layers.2.units: {values: [1, 2]}",
            "\"model.layers.2.units\": model.layers.2: no such list item, the list has 2 items, 0 to 1",
        ),
        (
            "training.loss: {values: [mse, \"mae #2\"]}",
            "\"training.loss\": training.loss: expected one of mse, mae, huber, binary_crossentropy, categorical_crossentropy, \
             sparse_categorical_crossentropy, got \"mae #2\"",
        ),
        (
            "training.seed: {min: 0, max: 9}",
            "\"training.seed\": cannot be a parameter; all trials train from the same seeds, beginning with training.seed",
        ),
        ("title: {values: [a, b]}", "title: cannot be a parameter; no training depends on it"),
        ("titel: {values: [a, b]}", "titel: titel: unknown field, did you mean title?"),
        (
            "training..epochs: {values: [1, 2]}",
            "\"training..epochs\": training.\"\": unknown field; allowed: batch_size, callbacks, class_weight, device, engine, epochs, flow, loss, metrics, optimizer, seed, shuffle, validation_split",
        ),
    ] {
        assert_eq!(answer(parameters), expected);
    }
    let deep = vec!["training"; 40].join(".");
    assert!(
        answer(&format!("{deep}: {{values: [1, 2]}}"))
            .ends_with("nested too deeply; a manifest nests at most 32 levels")
    );
}

/// A factor is changed alone, so it has no condition, and its own values are all that is tried.
#[test]
fn factors_stand_alone() {
    let names = "training.optimizer.name: {values: [adam, sgd]}";
    let beta = "training.optimizer.beta_1: {values: [0.8, 0.9]";
    let factors = |of: &str| format!("factors={{seeds: 3, parameters: {{{names}, {beta}{of}}}}}}}");
    assert!(manifest_of(SAMPLE, &[&factors("")]).factors.is_some());
    let error = error_of(SAMPLE, &[&factors(", when: {training.optimizer.name: [adam]}")]);
    assert!(error.ends_with("beta_1\": a factor is changed alone; it has no when"), "{error}");
}

/// So many conditions that they cannot all be tried are refused, not tried for hours.
#[test]
fn too_many_conditions() {
    let list = |name: &str, more: &str| {
        format!("{name}: {{values: [{}]{more}}}", (1..=101).map(|n| n.to_string()).collect::<Vec<_>>().join(", "))
    };
    let when = "when: {training.epochs: [1], model.layers.0.units: [1]}";
    let parameters = [
        list("training.epochs", ""),
        list("model.layers.0.units", ""),
        format!("training.batch_size: {{min: 1, max: 9, {when}}}"),
    ];
    let error = answer(&parameters.join(", "));
    assert_eq!(
        error,
        "\"training.batch_size\": exists under too many conditions to try them all, 20402 combinations; at most 10000 are tried"
    );
}
