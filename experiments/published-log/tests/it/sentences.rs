/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 4] = [
        (
            &["training.optimizer={name: sgd, learning_rate: 1e30}"],
            &[
                "0 of the 12 losses",
                "The run ends before 11 of them.",
                "The accuracy is `nan`; the post prints `1.0789593218788873e-05`.",
                "nothing to compare",
            ],
            &["is the text that the post prints"],
        ),
        (
            &["training.epochs=3"],
            &["3 of the 12 losses", "The run ends before 9 of them.", "The accuracy is `62.1651986012448`"],
            &["is the text that the post prints"],
        ),
        (
            &["restore=float64"],
            &["12 of the 12 losses", "The accuracy is `9.026357799367877e-06`; the post prints"],
            &["The run ends before", "is the text that the post prints"],
        ),
        (
            &[],
            &["12 of the 12 losses", "The accuracy is the text that the post prints, `1.0789593218788873e-05`."],
            &["The run ends before", "nothing to compare"],
        ),
    ];
    notebook::expect::sentences(env!("CARGO_BIN_EXE_published-log"), &cases);
}
