use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use dataset::{Dataset, Drawn, Kept, Restore, Scaling, Table};
use keras::{Activation, Callback, Dropout, Engine, Flow, Layer, Loss, Metric, Model, Optimizer, Sequential, Training};
use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::training;

fn drawn(keys: &Value) -> Dataset {
    let mut all = json!({
        "seed": 1, "features": 3, "train": {"low": 0, "high": 9, "size": 30}, "test": {"low": 20, "high": 30, "size": 4},
        "label": {"add": 1}
    });
    for (key, value) in keys.as_object().unwrap() {
        all[key] = value.clone();
    }
    let drawn: Drawn = serde_json::from_value(all).unwrap();
    drawn.dataset(Scaling::Standard, Restore::Float64).unwrap()
}

/// A table whose names are no words of Python.
fn table(keys: &Value) -> Dataset {
    let mut all = json!({
        "file": "t.csv", "label": "the \"label\"", "features": ["a'b", "c\\", "été", "d"],
        "categorical": {"c\\": "one-hot"}, "test": {"size": 0.3, "seed": 4}
    });
    for (key, value) in keys.as_object().unwrap() {
        all[key] = value.clone();
    }
    let table: Table = serde_json::from_value(all).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let header = "a'b,c\\,été,d,\"the \"\"label\"\"\"\n";
    let row = |row: u32| format!("{row},{},{}.5,{},{}", row % 2, row * 3, row % 3, row % 2);
    let rows = (0..20).map(row).collect::<Vec<_>>().join("\n");
    std::fs::write(folder.path().join("t.csv"), format!("{header}{rows}")).unwrap();
    table.load(folder.path()).unwrap()
}

/// The files of a program but for the weights.
fn files(data: &Dataset, layers: Vec<Layer>, training: &Training) -> Vec<(&'static str, Vec<u8>)> {
    let model = Sequential::from(&Model { layers }).compile(training, data.features.len()).unwrap();
    model.program().program("an-experiment", &data.python()).unwrap()
}

/// Whatever a manifest says, the program is valid Python and the same each time.
#[test]
fn programs_are_python_and_follow_from_the_manifest() {
    let parts: [Value; 9] = [
        json!({}),
        json!({"missing": "drop", "scaling": {"features": "standard", "label": "min-max"}, "sha256": null}),
        json!({"missing": "mean", "scaling": {"features": "min-max", "label": "standard"}}),
        json!({"missing": "median", "validation": {"split": 0.2}}),
        json!({"classes": true, "test": {"size": 4, "stratify": "the \"label\""}}),
        json!({"classes": true, "label_encoding": "one-hot"}),
        json!({"categorical": {"c\\": "ordinal", "d": "one-hot"}, "scaling": {"features": "standard", "label": "none"}}),
        json!({"features": ["c\\"], "test": {"size": 3, "shuffle": false}}),
        json!({"sample_weight": "d", "features": ["a'b", "c\\"], "validation": {"split": 0.2}}),
    ];
    let mut data: Vec<Dataset> = parts.iter().map(table).collect();
    data.extend([json!({}), json!({"draw": "uniform"})].iter().map(drawn));
    data.push(drawn(&json!({
        "draw": "normal", "train": {"loc": 0.5, "scale": 1e-7, "size": 5}, "test": {"loc": -1, "scale": 2, "size": 2}
    })));
    let (learning_rate, rho, epsilon) = (1e-20, 0.9, 1e-7);
    let optimizers = [
        training().optimizer,
        Optimizer::Sgd { learning_rate }.into(),
        serde_json::from_value(json!({"name": "momentum", "clipnorm": 0.5, "learning_rate": {
            "name": "exponential_decay", "initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5
        }}))
        .unwrap(),
        Optimizer::Rmsprop { learning_rate, rho, epsilon }.into(),
    ];
    let activations = [Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Linear];
    // A loss of logits fits a linear last layer.
    let losses = [Loss::Mse, Loss::Mae, Loss::Huber, Loss::BinaryCrossentropy { from_logits: true }];
    let callbacks: Vec<Callback> = serde_json::from_value(json!([
        {"name": "early_stopping", "monitor": "loss", "restore_best_weights": true},
        {"name": "learning_rate_scheduler", "factor": 0.5, "rates": [{"epoch": 2, "learning_rate": 1e-9}]},
        {"name": "reduce_lr_on_plateau", "monitor": "learning_rate", "mode": "min"}
    ]))
    .unwrap();
    let mut programs = String::new();
    for (number, data) in data.iter().enumerate() {
        let flow =
            [Flow::TfLegacy, Flow::KerasSetRandomSeed, Flow::KerasSetRandomSeedTf215, Flow::Keras3][number / 3 % 4];
        // Engine exact has little of the flow of TensorFlow 2.15.
        let engine =
            [Engine::Exact, Engine::Libtorch][if flow == Flow::KerasSetRandomSeedTf215 { 1 } else { number % 2 }];
        let (optimizer, loss) = (optimizers[number % 4], losses[number / 2 % 4]);
        let validation_split = (number % 3 == 0).then_some(0.25);
        let metrics = [vec![], vec![Metric::Rmse, Metric::Mae]][number % 2].clone();
        let fitting = match (engine, flow) {
            (Engine::Exact, Flow::KerasSetRandomSeed | Flow::Keras3) => 0,
            // The others set the learning rate, as the schedule does.
            _ if number % 4 == 2 => 1,
            _ => callbacks.len(),
        };
        let callbacks = callbacks[..fitting].to_vec();
        let class_weight = (number == 6).then(|| BTreeMap::from([(0, 0.5), (1, 2.0)]));
        let training = Training {
            engine,
            flow,
            optimizer,
            loss,
            metrics,
            class_weight,
            validation_split,
            callbacks,
            ..training()
        };
        let regularized: Layer = serde_json::from_value(
            json!({"units": 4, "kernel_regularizer": {"l2": 1e-9}, "bias_regularizer": {"l1": 2}}),
        )
        .unwrap();
        let layers = || {
            let hidden = Layer::dense(5, activations[number % 4]);
            let dropout =
                (number % 2 == 1 && flow != Flow::KerasSetRandomSeedTf215 && flow != Flow::KerasSetRandomSeed)
                    .then_some(Layer::Dropout(Dropout { rate: 0.5 }));
            let more = (engine == Engine::Libtorch || flow == Flow::TfLegacy).then_some(regularized);
            [Some(hidden), more, dropout, Some(Layer::dense(1, Activation::Linear))]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        };
        let program = files(data, layers(), &training);
        assert_eq!(program, files(data, layers(), &training));
        let [(name, text)] = &program[..] else { panic!("one file") };
        assert_eq!(*name, "keras.py");
        programs += &serde_json::to_string(str::from_utf8(text).unwrap()).unwrap();
        programs.push('\n');
    }
    let check = "import ast, json, sys\nfor line in sys.stdin: ast.parse(json.loads(line))";
    let mut python = Command::new("python3");
    let mut python = python.args(["-c", check]).stdin(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(programs.as_bytes()).unwrap();
    assert!(python.wait().unwrap().success());
}

/// What a version of Keras has under another name, or elsewhere.
#[test]
fn a_program_has_layers_and_optimizers_as_its_version_of_keras() {
    let layers: Vec<Layer> = serde_json::from_value(json!([
        {"units": 5, "activation": "leaky_relu", "kernel_initializer": "he_normal"}, {"units": 1, "activation": "elu"}
    ]))
    .unwrap();
    let adam = json!({"name": "adam", "amsgrad": true});
    for (flow, optimizer, expected) in [
        (
            Flow::TfLegacy,
            json!({"name": "adamax"}),
            [
                "from tensorflow.python.keras.layers import Dense, LeakyReLU\n",
                "from tensorflow.python.keras.optimizer_v2.adamax import Adamax\n",
                "Dense(5, activation=LeakyReLU(), kernel_initializer=\"he_normal\"),\n    Dense(1, activation=\"elu\"),\n",
                "optimizer=Adamax(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7)",
            ],
        ),
        (
            Flow::KerasSetRandomSeedTf215,
            json!({"name": "adagrad"}),
            [
                "from tf_keras.layers import Dense, LeakyReLU\n",
                "from tf_keras.optimizers import Adagrad\n",
                "Dense(5, activation=LeakyReLU(), kernel_initializer=\"he_normal\"),\n",
                "optimizer=Adagrad(learning_rate=0.001, epsilon=1e-7, initial_accumulator_value=0.1)",
            ],
        ),
        (
            Flow::Keras3,
            json!({"name": "adamw"}),
            [
                "from keras.layers import Dense\n",
                "from keras.optimizers import AdamW\n",
                "Dense(5, activation=\"leaky_relu\", kernel_initializer=\"he_normal\"),\n",
                "AdamW(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=0.004)",
            ],
        ),
        (Flow::Keras3, adam, ["from keras.optimizers import Adam\n", "Adam(", "learning_rate=0.001, amsgrad=True", ""]),
    ] {
        let optimizer = serde_json::from_value(optimizer).unwrap();
        let training = Training { engine: Engine::Libtorch, flow, optimizer, ..training() };
        let text = String::from_utf8(files(&drawn(&json!({})), layers.clone(), &training).remove(0).1).unwrap();
        for line in expected {
            assert!(text.contains(line), "{line}\n\n{text}");
        }
    }
}

/// Trained weights are read back to the same bits, by their names, and predict the same by both engines.
#[test]
fn weights_are_kept_to_the_bit_and_predict_the_same() {
    let data = drawn(&json!({}));
    let layers = vec![Layer::dense(5, Activation::Tanh), Layer::dense(1, Activation::Linear)];
    for engine in [Engine::Exact, Engine::Libtorch] {
        let training = Training { engine, epochs: 3, ..training() };
        let mut model = Sequential::from(&Model { layers: layers.clone() }).compile(&training, 3).unwrap();
        let program = model.program();
        let untrained = program.weights().unwrap();
        model.fit(&data.train.x, &data.train.y, |_| ()).unwrap();
        let kept = program.weights().unwrap();
        assert_ne!(kept, untrained, "the weights are those of the moment");
        let tensors = SafeTensors::deserialize(&kept).unwrap();
        let names = ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"];
        let shapes = [vec![3, 5], vec![5], vec![5, 1], vec![1]];
        let mut bytes = Vec::new();
        for (name, shape) in names.into_iter().zip(shapes) {
            let tensor = tensors.tensor(name).unwrap();
            assert_eq!(tensor.shape(), shape, "{name}");
            bytes.extend_from_slice(tensor.data());
        }
        assert_eq!(bytes, model.weights().iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
        // From another seed the same is predicted: all comes from the weights.
        let other =
            Sequential::from(&Model { layers: layers.clone() }).compile(&Training { seed: 7, ..training.clone() }, 3);
        let predicted = other.unwrap().program().predict(&kept, &data.test.x).unwrap();
        assert_eq!(predicted, model.predict(&data.test.x).unwrap());
        let narrow = Sequential::from(&Model { layers: layers[1..].to_vec() }).compile(&training, 3).unwrap();
        let refusal = narrow.program().predict(&kept, &data.test.x).unwrap_err().to_string();
        assert_eq!(refusal, "dense/kernel must be float32 of shape [3, 1], got [3, 5]");
    }
}

/// A witness' weights and orders are in a file that the program reads.
#[test]
fn a_program_that_starts_from_given_weights_reads_them() {
    let data = drawn(&json!({}));
    let training = Training { epochs: 2, ..training() };
    let model = Model { layers: vec![Layer::dense(1, Activation::Linear)] };
    let program = Sequential::from(&model).compile(&training, 3).unwrap().program();
    let orders = vec![(0..30).collect(), (0..30).rev().collect::<Vec<u32>>()];
    let files =
        program.starting_from(vec![1.0, 2.0, 3.0, 4.0], orders).program("an-experiment", &data.python()).unwrap();
    let [("witness.safetensors", witness), ("keras.py", text)] = &files[..] else { panic!("two files") };
    assert!(str::from_utf8(text).unwrap().contains("load_file(REPORT / \"witness.safetensors\")"));
    let witness = SafeTensors::deserialize(witness).unwrap();
    assert_eq!(witness.tensor("orders").unwrap().shape(), [2, 30]);
    assert_eq!(witness.tensor("orders").unwrap().data()[120..124], 29_u32.to_le_bytes());
    assert_eq!(witness.tensor("dense/bias").unwrap().data(), 4.0_f32.to_le_bytes());
}
