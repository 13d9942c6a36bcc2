use dataset::inspect;
use dataset::inspect::{Column, Kind};

use crate::fuel_folder;

fn columns(content: &str) -> Vec<Column> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    inspect(file.path()).unwrap()
}

#[test]
fn the_fuel_table_is_understood() {
    let columns = inspect(&fuel_folder().join("fuel.csv")).unwrap();
    let seen: Vec<_> = columns.iter().map(|column| (column.name.as_str(), column.kind, column.distinct)).collect();
    assert_eq!(
        seen,
        [
            ("mpg", Kind::Number, 129),
            ("cylinders", Kind::Code, 5),
            ("displacement", Kind::Number, 82),
            ("horsepower", Kind::Number, 93),
            ("weight", Kind::Number, 351),
            ("acceleration", Kind::Number, 95),
            ("model_year", Kind::Code, 13),
            ("origin", Kind::Category, 3),
            ("name", Kind::Identifier, 304),
        ]
    );
    assert_eq!(columns.iter().map(|column| column.missing).collect::<Vec<_>>(), [0, 0, 0, 6, 0, 0, 0, 0, 0]);
    assert_eq!(columns[7].examples, ["USA", "Japan", "Europe"]);
}

#[test]
fn kinds_follow_all_cells() {
    let row = |row: usize| {
        let day = if row == 7 { "NA".to_owned() } else { format!("{}.0{}.2024 12:00", row % 28 + 1, row % 9 + 1) };
        let mixed = if row == 2999 { "x" } else { "1" };
        let marked = if row.is_multiple_of(2) { "NA".to_owned() } else { row.to_string() };
        format!("{},{},{day},{mixed},5,,{marked},{}", 3000 - row, row % 20, row as f64 / 7.0)
    };
    let rows: Vec<String> = (0..3000).map(row).collect();
    let content = format!("id,code,day,mixed,same,none,marked,big\n{}\n", rows.join("\n"));
    let kinds = [
        ("id", Kind::Identifier, 3000, 0),
        ("code", Kind::Code, 20, 0),
        ("day", Kind::Date, 252, 1),
        ("mixed", Kind::Category, 2, 0),
        ("same", Kind::Constant, 1, 0),
        ("none", Kind::Constant, 0, 3000),
        ("marked", Kind::Number, 1500, 1500),
        ("big", Kind::Number, 1000, 0),
    ];
    for (column, expected) in columns(&content).iter().zip(kinds) {
        assert_eq!((column.name.as_str(), column.kind, column.distinct, column.missing), expected);
    }
}

#[test]
fn a_file_without_rows_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a,b\n").unwrap();
    let error = inspect(file.path()).unwrap_err();
    assert_eq!((error.exit_code(), error.to_string().ends_with(": has a header and no rows")), (65, true));
}
