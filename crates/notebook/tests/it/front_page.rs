use std::path::Path;

use notebook::Contents;

#[test]
fn a_report_is_read() -> anyhow::Result<()> {
    let report = Contents::load(Path::new("../../reports/raw-relu"))?;
    println!("{}\n\n{}", report.question(), report.finding());
    for (name, value) in report.values() {
        println!("{name} {value}");
    }
    for figure in report.figures() {
        println!("{}: {}", figure.file, figure.caption);
    }
    assert_eq!(report.value("outcome"), Some(&"complete".into()));
    Ok(())
}
