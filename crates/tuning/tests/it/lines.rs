use std::path::Path;

use keras::recorded;
use keras::{Engine, Model, Sequential};
use notebook::printed_loss;

#[test]
fn the_line_of_an_epoch_is_real_kerass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/keras");
    let files = ["combined.json", "combined-keras-3.json"];
    let cases = files.into_iter().flat_map(|file| recorded::load(&folder.join(file)).unwrap());
    let mut rates = 0;
    for case in cases.filter(|case| case.name.starts_with("lines-")) {
        let data = case.data().unwrap();
        for run in &case.runs {
            let model = Model { layers: case.layers.clone() };
            let mut model =
                Sequential::from(&model).compile(&case.training(Engine::Exact, run.seed), case.features).unwrap();
            let (mut lines, (rows, held)) = (Vec::new(), data.rows());
            let said = |(name, value): (String, f32)| format!("{name}: {}", printed_loss(value.into()));
            model
                .fit_validated(rows, held, |epoch| {
                    lines.push(epoch.logs().into_iter().map(said).collect::<Vec<_>>().join(" - "));
                    true
                })
                .unwrap();
            assert_eq!(lines, run.lines, "{}, seed {}", case.name, run.seed);
            rates +=
                lines.iter().filter(|line| line.contains(" - lr: ") || line.contains(" - learning_rate: ")).count();
        }
    }
    assert!(rates > 40, "{rates} lines with a learning rate");
}
