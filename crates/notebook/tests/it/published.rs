use std::fs;
use std::path::Path;

use manifest::Document;
use notebook::{Basis, Published, Reproduced, Verdict};

fn published() -> Document<Published> {
    Published::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/published.yaml")).unwrap()
}

/// The post prints twelve losses, an accuracy, 4 steps and 100 epochs; mean and std are computed by its program.
#[test]
fn every_number_of_the_post_is_listed() {
    let published = published();
    let losses = published.by_epoch("loss");
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
        let found = text.map(|text| Reproduced { text: text.to_owned(), value: text.parse().ok() });
        let rows = published().compare("linear-activation", |_| found.clone());
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
    let witness = published
        .compare("published-log", |number| Some(Reproduced { text: number.printed.clone().unwrap(), value: None }));
    assert_eq!(witness.len(), 13);
    assert!(witness.iter().all(|row| row.verdict == Verdict::Exact && row.basis == Basis::Witness));
    let other = published.compare("published-log", |_| Some(Reproduced { text: "0".to_owned(), value: Some(0.0) }));
    assert!(other.iter().all(|row| row.verdict == Verdict::Differs), "a witness is held to every digit");
}

#[test]
fn a_measured_number_holds_within_its_tolerance() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("published.yaml");
    let text =
        "numbers:\n- {quantity: rmse, number: 2.45, tolerance: 0.05, claims: {cars: computed}, where: table 3}\n";
    fs::write(&path, text).unwrap();
    let published = Published::load(&path).unwrap();
    let verdict = |value: f64| {
        let rows = published.compare("cars", |_| Some(Reproduced { text: value.to_string(), value: Some(value) }));
        assert_eq!(rows[0].published, "2.45 ± 0.05");
        rows[0].verdict
    };
    assert_eq!([2.45, 2.401, 2.499].map(verdict), [Verdict::Within; 3]);
    assert_eq!([2.39, 2.51, f64::NAN, f64::INFINITY].map(verdict), [Verdict::Differs; 4]);
}

/// A claim that could be read in two ways, or that holds whatever is computed, is refused with its place.
#[test]
fn an_unclear_claim_is_refused_with_its_place() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("published.yaml");
    for (entry, expected) in [
        ("quantity: rmse", "1:22: numbers.0.quantity: needs `printed`, or `number` and `tolerance`"),
        ("quantity: rmse, tolerance: 1", "numbers.0.tolerance: needs the `number` that it belongs to"),
        ("quantity: rmse, number: 2", "1:36: numbers.0.number: needs a `tolerance`; 0 asks for the same float64"),
        ("quantity: rmse, printed: '2', tolerance: 1", "numbers.0.tolerance: a text that is printed has no tolerance"),
        ("quantity: rmse, printed: '2', number: 2, tolerance: 1", "numbers.0.number: a number is compared as"),
        ("quantity: rmse, number: 2, tolerance: -1", "numbers.0.tolerance: must be >= 0, got -1"),
        ("quantity: rmse, printed: '2', row: 3", "numbers.0.row: a cell needs both table and row"),
        ("quantity: rmse, printed: '2', table: errors", "numbers.0.table: a cell needs both table and row"),
        (
            "quantity: rmse, printed: '2', table: errors, row: 1, epoch: 1",
            "numbers.0.epoch: a number stands in an epoch",
        ),
        ("quantity: rmse, printed: '2', toleranse: 1", "numbers.0.toleranse: unknown field, did you mean tolerance?"),
    ] {
        fs::write(&path, format!("numbers: [{{{entry}, claims: {{cars: seed}}, where: table 3}}]\n")).unwrap();
        let error = Published::load(&path).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()) && error.contains(expected), "{error}");
    }
}
