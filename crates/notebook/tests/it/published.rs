use std::path::Path;

use notebook::{Published, Rung, Verdict};

fn published() -> Published {
    Published::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/published.yaml")).unwrap()
}

/// The post prints twelve losses, an accuracy, 4 steps and 100 epochs; mean and std are computed by its program.
#[test]
fn every_number_of_the_post_is_listed() {
    let published = published();
    let losses = published.losses();
    let epochs: Vec<u32> = losses.iter().map(|&(epoch, _)| epoch).collect();
    assert_eq!(epochs, [1, 2, 3, 4, 5, 6, 95, 96, 97, 98, 99, 100]);
    assert_eq!(losses[0].1, 2.592);
    assert_eq!(losses[11].1, 6.7939e-15);
    let others = published.numbers.iter().map(|number| number.quantity.as_str()).filter(|&name| name != "loss");
    assert_eq!(others.collect::<Vec<_>>(), ["accuracy", "accuracy_exact", "steps", "epochs", "mean", "std"]);
}

#[test]
fn a_verdict_compares_texts() {
    let verdicts = |text: Option<&str>| {
        let rows = published().compare("linear-activation", |_| text.map(str::to_owned));
        (rows[0].verdict, rows.iter().find(|row| row.quantity == "loss, epoch 1").unwrap().verdict)
    };
    assert_eq!(verdicts(Some("1.0789593218788873e-05")), (Verdict::Exact, Verdict::Unseeded));
    assert_eq!(verdicts(Some("1.0789593218788874e-05")), (Verdict::Differs, Verdict::Unseeded));
    assert_eq!(verdicts(Some("2.5920")), (Verdict::Differs, Verdict::Exact));
    assert_eq!(verdicts(None), (Verdict::Differs, Verdict::Differs), "a number that is missing is not reproduced");
}

#[test]
fn an_experiment_is_compared_where_it_claims_something() {
    let published = published();
    assert!(published.compare("raw-relu", |_| None).is_empty());
    let witness = published.compare("published-log", |number| Some(number.printed.clone()));
    assert_eq!(witness.len(), 13);
    assert!(witness.iter().all(|row| row.verdict == Verdict::Exact && row.rung == Rung::Witness));
    let other = published.compare("published-log", |_| Some("0".to_owned()));
    assert!(other.iter().all(|row| row.verdict == Verdict::Differs), "a witness is held to every digit");
}
