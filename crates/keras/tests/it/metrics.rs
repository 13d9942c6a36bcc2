use keras::{Activation, Compiled, Engine, Flow, Labelled, Loss, Metric, Optimizer, Training};

use crate::{model, runtime, training};

const ROWS: usize = 11;

/// Losses, and the label of each row in as many columns as there are.
fn cases() -> Vec<(Loss, u32, Activation, Vec<f32>)> {
    let class = |row: usize| row * 7 % 3;
    let one_hot = (0..ROWS * 3).map(|at| f32::from(class(at / 3) == at % 3)).collect();
    vec![
        (Loss::Mse, 2, Activation::Linear, (0..ROWS * 2).map(|at| (at as f32).sin()).collect()),
        (
            Loss::BinaryCrossentropy { from_logits: false },
            1,
            Activation::Sigmoid,
            (0..ROWS).map(|row| (class(row) % 2) as f32).collect(),
        ),
        (Loss::CategoricalCrossentropy { from_logits: false }, 3, Activation::Softmax, one_hot),
        (
            Loss::SparseCategoricalCrossentropy { from_logits: true },
            3,
            Activation::Linear,
            (0..ROWS).map(|row| class(row) as f32).collect(),
        ),
    ]
}

fn x() -> Vec<f32> {
    (0..ROWS).map(|row| 2.0 * (0.9 * row as f32).cos()).collect()
}

/// A model that hardly learns, with the metrics that its loss can have.
fn compiled(engine: Engine, (loss, units, activation, _): &(Loss, u32, Activation, Vec<f32>)) -> Compiled {
    let mut metrics = vec![Metric::Accuracy];
    if !matches!(loss, Loss::SparseCategoricalCrossentropy { .. }) {
        metrics.extend([Metric::Rmse, Metric::Mae, Metric::Mse]);
    }
    if let Loss::BinaryCrossentropy { .. } = loss {
        metrics.push(Metric::Auc);
    }
    let optimizer = Optimizer::Sgd { learning_rate: 1e-12 };
    let training = Training {
        engine,
        loss: *loss,
        metrics,
        optimizer: optimizer.into(),
        batch_size: 4,
        epochs: 2,
        seed: 3,
        ..training()
    };
    model(runtime(), &[(5, Activation::Tanh), (*units, *activation)], &training)
}

/// Over batches of 4, 4 and 3 rows.
#[test]
fn metrics_are_means_over_the_rows() {
    for engine in [Engine::Libtorch, Engine::Exact] {
        for case in cases() {
            let (loss, units, _, y) = &case;
            let (x, mut model) = (x(), compiled(engine, &case));
            let predictions = model.predict(&x).unwrap();
            let columns = y.len() / ROWS;
            let largest = |values: &[f32]| (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
            let right = predictions.chunks(*units as usize).zip(y.chunks(columns)).filter(|(p, y)| match (p, y) {
                ([p], [y]) => (*p > 0.5) == (*y == 1.0),
                (p, [y]) => largest(p) == *y as usize,
                (p, y) => largest(p) == largest(y),
            });
            let right = right.count() as f64 / ROWS as f64;
            let mean = |f: fn(f64) -> f64| {
                let errors = predictions.iter().zip(y).map(|(p, y)| f(f64::from(p - y)));
                errors.sum::<f64>() / y.len() as f64
            };
            let square = mean(|error| error * error);
            let above = |class: f32, number: usize| {
                let threshold = [-1e-7, number as f32 / 199.0, 1.0 + 1e-7][usize::from(number > 0) + number / 199];
                let of_class = || predictions.iter().zip(y).filter(|(_, label)| **label == class);
                of_class().filter(|(p, _)| **p > threshold).count() as f64 / of_class().count() as f64
            };
            let strip = |number: usize| {
                (above(0.0, number) - above(0.0, number + 1)) * (above(1.0, number) + above(1.0, number + 1)) / 2.0
            };
            let area = (0..199).map(strip).sum::<f64>();
            let expected = [right, square.sqrt(), mean(f64::abs), square, area];
            let history = model.fit_validated((&x, y), Some((&x, y)), |_| true).unwrap();
            let evaluated = model.evaluate((&x, y), 5).unwrap().metrics;
            assert_eq!(history.metrics.len(), evaluated.len());
            for (number, value) in evaluated.iter().enumerate() {
                let last = |columns: &[(Metric, Vec<f32>)]| columns[number].1[1];
                for ours in [*value, last(&history.metrics), last(&history.val_metrics)] {
                    let distance = (f64::from(ours) - expected[number]).abs();
                    assert!(distance < 1e-6, "{engine:?} {loss:?}, {number}: {ours} against {}", expected[number]);
                }
            }
        }
    }
}

#[test]
fn a_history_and_an_epoch_name_what_was_measured() {
    let case = &cases()[1];
    for engine in [Engine::Libtorch, Engine::Exact] {
        let mut model = compiled(engine, case);
        let mut logs = Vec::new();
        let (x, y) = (x(), &case.3);
        let history = model.fit_validated((&x, y), Some((&x, y)), |epoch| {
            logs = epoch.logs();
            true
        });
        let frame = history.unwrap().frame();
        let of_training = ["loss", "accuracy", "rmse", "mae", "mse", "auc"].map(str::to_owned);
        let names = of_training.clone().into_iter().chain(of_training.map(|name| format!("val_{name}")));
        let names: Vec<String> = names.collect();
        assert!(frame.get_column_names().iter().skip(1).map(|name| name.as_str()).eq(&names));
        assert!(logs.iter().map(|(name, _)| name).eq(&names));
        for (name, value) in logs {
            assert_eq!(frame.column(&name).unwrap().f64().unwrap().get(1), Some(f64::from(value)), "{name}");
        }
        let alone = compiled(engine, case).fit(&x, y, |_| ()).unwrap();
        assert_eq!(alone.frame().get_column_names(), ["epoch", "loss", "accuracy", "rmse", "mae", "mse", "auc"]);
    }
}

/// By the names of each Keras and in its order.
#[test]
fn the_line_of_an_epoch_is_that_of_the_flow() {
    let (x, y) = (x(), &cases()[0].3);
    let keras_2 = "3/3 [==============================] - ";
    for (flow, bar, names) in [
        (Flow::TfLegacy, keras_2, "loss mae accuracy val_loss val_mae val_accuracy"),
        (Flow::KerasSetRandomSeed, keras_2, "loss mae accuracy val_loss val_mae val_accuracy lr"),
        (Flow::Keras3, "3/3 ━━━━━━━━━━━━━━━━━━━━ ", "accuracy loss mae val_accuracy val_loss val_mae learning_rate"),
    ] {
        let training = Training {
            flow,
            metrics: vec![Metric::Mae, Metric::Accuracy],
            callbacks: serde_json::from_str(r#"[{"name": "learning_rate_scheduler", "factor": 0.5}]"#).unwrap(),
            batch_size: 4,
            epochs: 1,
            seed: 3,
            ..training()
        };
        let mut model = model(runtime(), &[(2, Activation::Linear)], &training);
        let mut line = (String::new(), Vec::new());
        model
            .fit_validated((&x, y), Some((&x, y)), |epoch| {
                line = (epoch.bar(), epoch.logs());
                true
            })
            .unwrap();
        assert_eq!(line.0, bar);
        assert!(line.1.iter().map(|(name, _)| name.as_str()).eq(names.split(' ')), "{:?}", line.1);
    }
}

/// Each row's loss counts by its weight, and the mean divides by the number of rows all the same; metrics have no weights.
#[test]
fn weights_multiply_the_loss_of_rows() {
    let weights: Vec<f32> = (0..ROWS).map(|row| row as f32 / 4.0).collect();
    for engine in [Engine::Libtorch, Engine::Exact] {
        for case in cases() {
            let (x, model) = (x(), compiled(engine, &case));
            let columns = case.3.len() / ROWS;
            let of_row = |row: usize| {
                let y = &case.3[row * columns..(row + 1) * columns];
                f64::from(model.evaluate((&x[row..=row], y), 1).unwrap().loss) * f64::from(weights[row])
            };
            let expected = (0..ROWS).map(of_row).sum::<f64>() / ROWS as f64;
            let rows = Labelled { sample_weight: Some(&weights), ..(&x, &case.3).into() };
            let weighted = model.evaluate(rows, 4).unwrap();
            assert!((f64::from(weighted.loss) - expected).abs() < 1e-6, "{engine:?} {:?}", case.0);
            assert_eq!(weighted.metrics, model.evaluate((&x, &case.3), 4).unwrap().metrics);
        }
    }
}

/// Class weights are those of the rows of each class, of rows to train on alone.
#[test]
fn class_weights_are_sample_weights_by_class() {
    for engine in [Engine::Libtorch, Engine::Exact] {
        for (loss, units, activation, y) in cases().split_off(1) {
            let (x, columns) = (x(), y.len() / ROWS);
            let by_class = [0.5_f32, 2.0, 1.25];
            let weights: Vec<f32> = y
                .chunks(columns)
                .map(|y| match y {
                    [class] => by_class[*class as usize],
                    columns => by_class[columns.iter().position(|y| *y == 1.0).unwrap()],
                })
                .collect();
            let optimizer = Optimizer::Sgd { learning_rate: 0.1 };
            let of_rows =
                Training { engine, loss, optimizer: optimizer.into(), batch_size: 4, epochs: 3, seed: 3, ..training() };
            let classes = by_class.iter().take(units.max(2) as usize).map(|&weight| f64::from(weight));
            let of_classes = Training { class_weight: Some((0..).zip(classes).collect()), ..of_rows.clone() };
            let layers = [(5, Activation::Tanh), (units, activation)];
            let [mut by_rows, mut by_classes] =
                [&of_rows, &of_classes].map(|training| model(runtime(), &layers, training));
            let rows = Labelled { sample_weight: Some(&weights), ..(&x, &y).into() };
            let expected = by_rows.fit_validated(rows, Some((&x, &y)), |_| true).unwrap();
            let history = by_classes.fit_validated((&x, &y), Some((&x, &y)), |_| true).unwrap();
            assert_eq!(history, expected, "{engine:?} {loss:?}");
            assert_eq!(by_rows.weights(), by_classes.weights());
            assert!(history.loss[0] > history.loss[2]);
            let refused = by_classes.fit_validated(rows, None::<Labelled>, |_| true).unwrap_err().to_string();
            assert_eq!(refused, "training.class_weight: must be left out, the rows have weights of their own");
            let few = Labelled { sample_weight: Some(&weights[1..]), ..rows };
            let refused = by_rows.fit_validated(few, None::<Labelled>, |_| true).unwrap_err().to_string();
            assert_eq!(refused, "sample_weight has 10 values, expected 11");
        }
    }
}
