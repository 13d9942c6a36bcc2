/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 4] = [
        (
            &[
                "factors.seeds=2",
                "factors.parameters={model.layers.0.activation: {values: [relu, linear]}, training.epochs: {values: [100, 10]}}",
            ],
            &[
                "the baseline's median accuracy over 2 seeds is ",
                "most is gained by activation linear (−4.",
                "epochs 100 (baseline) (+0.00)",
            ],
            &["no value is better"],
        ),
        (
            &[
                "factors.seeds=2",
                "factors.parameters={model.layers.0.activation: {values: [relu, linear]}, training.epochs: {values: [100, 10]}}",
                "training.optimizer={name: sgd, learning_rate: 1e30}",
            ],
            &["Over 2 seeds the baseline has no finite median accuracy: there is nothing to compare with."],
            &["most is gained", "The best value"],
        ),
        (
            &[
                "factors.seeds=2",
                "factors.parameters={model.layers.0.activation: {values: [relu, linear]}, training.epochs: {values: [100, 10]}}",
                "model.layers.0.activation=linear",
            ],
            &["×10⁻⁶, and no value is better.", "activation linear (baseline) (+0.00)"],
            &["most is gained", "is 0.000"],
        ),
        (
            &[
                "factors.seeds=1",
                "training.optimizer.name=sgd",
                "training.epochs=5",
                "factors.parameters={training.optimizer.learning_rate: {values: [1e6, 1e30]}}",
            ],
            &["over 1 seed is ", "no value is better", "(not finite)"],
            &["most is gained"],
        ),
    ];
    notebook::expect::sentences(env!("CARGO_BIN_EXE_one-at-a-time"), &cases);
}
