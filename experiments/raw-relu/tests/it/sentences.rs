/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 3] = [
        (
            &["training.optimizer={name: sgd, learning_rate: 1e30}"],
            &["The network's predictions of the 20 test rows are not finite"],
            &["The network is better"],
        ),
        (
            &["training.optimizer.learning_rate=1e-9"],
            &["The network is better than neither."],
            &["not finite", "better than both"],
        ),
        (
            &["data.test={low: 0, high: 100, size: 21}"],
            &[
                "On the 21 test rows",
                "from 1 to 96 in the test rows",
                "The network is better than the mean and not better than the regression",
            ],
            &["better than neither"],
        ),
    ];
    notebook::expect::sentences(env!("CARGO_BIN_EXE_raw-relu"), &cases);
}
