use std::path::Path;
use std::process::{Command, Output};

use dataset::Table;
use tempfile::tempdir;

fn predict(rows: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fuel-efficiency")).arg("--predict").arg(rows).output().unwrap()
}

/// The test rows as rows of a file have the predictions of the report, to the last digit.
#[test]
fn the_test_rows_are_predicted_as_in_the_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let report = root.join("reports/fuel-efficiency");
    let manifest: serde_json::Value =
        serde_yaml::from_slice(&std::fs::read(report.join("resolved.yaml")).unwrap()).unwrap();
    let table: Table = serde_json::from_value(manifest["data"].clone()).unwrap();
    let place = tempdir().unwrap();
    let rows = place.path().join("rows.csv");
    notebook::write_csv(&rows, &mut table.load(root).unwrap().test.frame()).unwrap();
    let output = predict(&rows);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let reported = notebook::read_csv_texts(&report.join("predictions.csv")).unwrap();
    let reported = reported.column("predict").unwrap().str().unwrap().iter().flatten();
    assert!(said.lines().eq(["prediction"].into_iter().chain(reported)), "{said}");
}

#[test]
fn a_row_that_does_not_fit_is_refused_with_its_place() {
    let place = tempdir().unwrap();
    let rows = place.path().join("rows.csv");
    std::fs::write(
        &rows,
        "cylinders,displacement,horsepower,weight,acceleration,model_year,origin\n4,90,,2000,15,80,Japan\n",
    )
    .unwrap();
    let output = predict(&rows);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, format!("error: {}:2:horsepower: the value is missing\n", rows.display()));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(65), 0));
}
