use std::path::Path;

use benchmark::Shape;

/// The report is drawn from the last committed record, and carries all of them over.
#[test]
fn the_report_is_drawn_from_the_records() {
    let run = notebook::expect::Run::of(env!("CARGO_BIN_EXE_training-speed"), &[]);
    let (out, metrics) = (run.report(), &run.metrics);
    let step = metrics["microseconds_per_step"].as_f64().unwrap();
    assert!(step > metrics["arithmetic_limit_microseconds_per_step"].as_f64().unwrap());
    let names = |folder: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/training-speed/records");
    assert_eq!(names(&out.join("records")), names(&committed));
    let digests = std::fs::read_to_string(out.join("SHA256SUMS")).unwrap();
    assert!(digests.contains("timings.csv") && !digests.contains("records/"), "{digests}");
    assert!(std::fs::read(out.join("figures/time_per_step.png")).unwrap().starts_with(b"\x89PNG"));
}

/// The post's network, counted by hand: forward 81 a row, backward 97, the loss 3, and 12 for each of 49 parameters.
#[test]
fn flops_are_those_of_the_formulas() {
    let units = vec![16, 1];
    let shape = Shape { features: 1, units, samples: 100, batch_size: 32, epochs: 100, validation_samples: 0 };
    assert_eq!(shape.steps(), 400);
    let row = (2.0 * 16.0 + 16.0) + (2.0 * 16.0 + 1.0) + (2.0 * 16.0 + 16.0) + (2.0 * 16.0 + 1.0 + 2.0 * 16.0) + 3.0;
    assert_eq!(shape.flops(), 100.0 * 100.0 * row + 400.0 * 12.0 * 49.0);
    let validated = Shape { validation_samples: 10, ..shape.clone() };
    assert_eq!(validated.flops() - shape.flops(), 100.0 * 10.0 * (81.0 + 3.0));
}
