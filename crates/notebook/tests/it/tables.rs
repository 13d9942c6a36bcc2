use notebook::{Table, column, markdown_table, read_csv, read_csv_texts, write_csv};
use polars::df;
use tempfile::tempdir;

#[test]
fn floats_read_back_to_the_same_bits() {
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let values: Vec<f64> = std::iter::from_fn(|| {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(f64::from_bits(bits))
    })
    .filter(|value| value.is_finite())
    .take(2000)
    .chain([0.1, 1.0789593218788873e-05, 5e-324, f64::MAX, -0.0, 3.0])
    .collect();
    let place = tempdir().unwrap();
    let path = place.path().join("table.csv");
    write_csv(&path, &mut df!("value" => &values).unwrap()).unwrap();
    let read = column(&read_csv(&path).unwrap(), "value").unwrap();
    assert_eq!(read.len(), values.len());
    for (read, value) in read.iter().zip(&values) {
        assert_eq!(read.to_bits(), value.to_bits(), "{value:e}");
    }
}

#[test]
fn texts_keep_their_digits() {
    let place = tempdir().unwrap();
    let path = place.path().join("table.csv");
    write_csv(&path, &mut df!("printed" => ["2.5920", "a, \"b\""]).unwrap()).unwrap();
    let read = read_csv_texts(&path).unwrap();
    let texts = read.column("printed").unwrap().str().unwrap();
    assert_eq!((texts.get(0), texts.get(1)), (Some("2.5920"), Some("a, \"b\"")));
}

#[test]
fn long_tables_are_shown_by_their_ends() {
    let frame = |rows: i32| {
        let halves: Vec<f64> = (1..=rows).map(|row| f64::from(row) / 2.0).collect();
        df!("row" => (1..=rows).collect::<Vec<i32>>(), "half" => halves).unwrap()
    };
    let long = Table::of("halves", &frame(14)).markdown();
    let lines: Vec<&str> = long.lines().collect();
    assert_eq!(lines[..3], ["| row | half |", "| ---: | ---: |", "| 1 | 0.5 |"]);
    assert_eq!(lines[7..10], ["| 6 | 3.0 |", "| … | … |", "| 9 | 4.5 |"]);
    assert_eq!(lines.len(), 2 + 6 + 1 + 6);
    assert_eq!(Table::of("halves", &frame(13)).markdown(), markdown_table(&frame(13)), "13 rows are shown whole");
    assert_eq!(markdown_table(&frame(14)).lines().count(), 2 + 14);
}
