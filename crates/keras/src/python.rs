//! A training as a program of Keras, for people who read Python: `keras.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dataset::Python;
use serde::Serialize;
use serde_json::Value;

use crate::model::Dense;
use crate::words::name;
use crate::{
    Activation, Callback, Device, Engine, Flow, KernelInitializer, Layer, LearningRateSchedule, Loss, Metric, Model,
    Optimizer, Regularizer, Training,
};

/// The file with initial weights and the orders of the rows.
pub(crate) const WITNESS: &str = "witness.safetensors";

/// What a program of a flow needs and where it imports Keras from.
struct Keras {
    about: &'static str,
    needs: &'static [&'static str],
    module: &'static str,
}

impl Flow {
    fn keras(self) -> Keras {
        match self {
            Self::TfLegacy => Keras {
                about: "tf.keras as it is up to TensorFlow 2.9, which later versions keep as tensorflow.python.keras",
                needs: &TENSORFLOW_2_12,
                module: "tensorflow.python.keras",
            },
            Self::KerasSetRandomSeed => {
                Keras { about: "tf.keras of TensorFlow 2.12", needs: &TENSORFLOW_2_12, module: "tensorflow.keras" }
            }
            Self::KerasSetRandomSeedTf215 => Keras {
                about: "Keras 2 as it is on TensorFlow 2.15 and later",
                needs: &[TENSORFLOW_2_21, "tf-keras==2.21.0", NUMPY_2, SCIKIT_LEARN, SAFETENSORS],
                module: "tf_keras",
            },
            Self::Keras3 => Keras {
                about: "Keras 3 on TensorFlow",
                needs: &[TENSORFLOW_2_21, "keras==3.15.1", NUMPY_2, SCIKIT_LEARN, SAFETENSORS],
                module: "keras",
            },
        }
    }
}

/// As `python/tensorflow-2.12.in` pins it.
const TENSORFLOW_2_12: [&str; 4] = ["tensorflow-cpu==2.12.1", "numpy==1.24.3", SCIKIT_LEARN, SAFETENSORS];
const SCIKIT_LEARN: &str = "scikit-learn==1.6.1";
const SAFETENSORS: &str = "safetensors==0.8.0";

/// As `python/keras-3.in` pins them.
const TENSORFLOW_2_21: &str = "tensorflow-cpu==2.21.0";
const NUMPY_2: &str = "numpy==2.2.6";

impl Optimizer {
    /// The module of the legacy optimizers, and the class.
    fn class(self) -> (&'static str, &'static str) {
        match self {
            Self::Sgd { .. } | Self::Momentum { .. } => ("gradient_descent", "SGD"),
            Self::Rmsprop { .. } => ("rmsprop", "RMSprop"),
            Self::Adam { .. } => ("adam", "Adam"),
            Self::Adamw { .. } => ("adamw", "AdamW"),
            Self::Adamax { .. } => ("adamax", "Adamax"),
            Self::Adagrad { .. } => ("adagrad", "Adagrad"),
        }
    }
}

impl Loss {
    /// Its name, and the class that `compile` takes instead where it is of logits.
    fn python(self) -> (&'static str, Option<&'static str>) {
        let (name, class, from_logits) = match self {
            Self::Mse => return ("mse", None),
            Self::Mae => return ("mae", None),
            Self::Huber => return ("huber", None),
            Self::BinaryCrossentropy { from_logits } => ("binary_crossentropy", "BinaryCrossentropy", from_logits),
            Self::CategoricalCrossentropy { from_logits } => {
                ("categorical_crossentropy", "CategoricalCrossentropy", from_logits)
            }
            Self::SparseCategoricalCrossentropy { from_logits } => {
                ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", from_logits)
            }
        };
        (name, from_logits.then_some(class))
    }
}

impl Metric {
    /// What `compile` takes.
    fn python(self) -> String {
        match self {
            Self::Accuracy | Self::Mae | Self::Mse => format!("\"{}\"", self.name()),
            Self::Rmse => "RootMeanSquaredError(name=\"rmse\")".to_owned(),
            Self::Auc => "AUC(name=\"auc\")".to_owned(),
        }
    }
}

/// A class that a program imports, the module of Keras that has it, and how it is made.
struct Made {
    module: &'static str,
    class: &'static str,
    text: String,
}

impl Layer {
    /// The layer, and the classes that its arguments need: the modules of Keras that have them, and their names.
    fn python(self, flow: Flow) -> (Made, Vec<(&'static str, &'static str)>) {
        let made = |class, text| Made { module: "layers", class, text };
        match self {
            Self::Dense(Dense { units, activation, kernel_initializer, kernel_regularizer, bias_regularizer }) => {
                let mut needed = Vec::new();
                let activation = if activation == Activation::LeakyRelu && flow != Flow::Keras3 {
                    // Keras 2 has it as a layer alone.
                    needed.push(("layers", "LeakyReLU"));
                    "LeakyReLU()".to_owned()
                } else {
                    format!("\"{}\"", name(&activation))
                };
                let mut text = format!("Dense({units}, activation={activation}");
                if kernel_initializer != KernelInitializer::default() {
                    let _ = write!(text, ", kernel_initializer=\"{}\"", name(&kernel_initializer));
                }
                let regularizers = [("kernel_regularizer", kernel_regularizer), ("bias_regularizer", bias_regularizer)];
                for (key, regularizer) in regularizers {
                    let Some(Regularizer { l1, l2 }) = regularizer else { continue };
                    let _ = write!(text, ", {key}=L1L2(l1={l1:?}, l2={l2:?})");
                }
                if kernel_regularizer.is_some() || bias_regularizer.is_some() {
                    needed.push(("regularizers", "L1L2"));
                }
                (made("Dense", text + ")"), needed)
            }
            Self::Dropout(dropout) => (made("Dropout", format!("Dropout({:?})", dropout.rate)), Vec::new()),
        }
    }
}

impl LearningRateSchedule {
    fn python(self, flow: Flow) -> Made {
        let module =
            if flow == Flow::TfLegacy { "optimizer_v2.learning_rate_schedule" } else { "optimizers.schedules" };
        match self {
            Self::ExponentialDecay { .. } => {
                let class = "ExponentialDecay";
                Made { module, class, text: format!("{class}({})", settings(&self).join(", ")) }
            }
        }
    }
}

impl Callback {
    fn python(&self, flow: Flow) -> Made {
        let (class, settings) = match self {
            Self::EarlyStopping { .. } | Self::ReduceLrOnPlateau { .. } => {
                let class =
                    if matches!(self, Self::EarlyStopping { .. }) { "EarlyStopping" } else { "ReduceLROnPlateau" };
                // The frozen copy knows no start_from_epoch, and Keras 2 calls the learning rate's column otherwise.
                let is_known = |setting: &String| setting != "start_from_epoch=0" && setting != "baseline=None";
                let mut settings: Vec<String> = settings(self).into_iter().filter(is_known).collect();
                for setting in &mut settings {
                    if flow != Flow::Keras3 && setting == "monitor=\"learning_rate\"" {
                        "monitor=\"lr\"".clone_into(setting);
                    }
                }
                (class, settings.join(", "))
            }
            Self::LearningRateScheduler { factor, start_from_epoch, rates } => {
                let table: Vec<String> = rates
                    .iter()
                    .map(|row| format!("{}: {:?}", row.epoch.saturating_sub(1), row.learning_rate))
                    .collect();
                let function = format!(
                    "lambda epoch, rate: {{{}}}.get(epoch, rate * {factor:?} if epoch >= {start_from_epoch} else rate)",
                    table.join(", ")
                );
                ("LearningRateScheduler", function)
            }
        };
        Made { module: "callbacks", class, text: format!("{class}({settings})") }
    }
}

/// What a manifest says besides the name, as arguments of Python, a learning rate first.
fn settings(of: &impl Serialize) -> Vec<String> {
    let value = serde_json::to_value(of).unwrap_or_default();
    let settings = value.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
    let mut settings: Vec<String> = settings.map(|(key, value)| format!("{key}={}", literal(value))).collect();
    settings.sort_by_key(|setting| (!setting.starts_with("learning_rate"), setting.clone()));
    settings
}

/// The program: a training of the experiment's network on the data, which are `features` columns wide, from a seed or from a
/// witness. It follows from the manifest alone.
#[expect(clippy::too_many_lines, reason = "a program is read from its first line to its last")]
pub(crate) fn program(
    experiment: &str,
    data: &Python,
    model: &Model,
    training: &Training,
    features: usize,
    witness: bool,
) -> String {
    let Training {
        engine,
        device,
        flow,
        seed,
        optimizer,
        loss,
        metrics,
        class_weight,
        epochs,
        batch_size,
        shuffle,
        validation_split,
        callbacks,
    } = training;
    let keras = flow.keras();
    let exact = *engine == Engine::Exact;
    let ends = if exact {
        "Engine exact made the report, which is to have every bit of Keras: if one differs, the program ends with exit code 1."
    } else {
        "Engine libtorch made the report, which rounds otherwise than Keras: the program says how far apart both are."
    };
    let mut text = format!(
        "\"\"\"The experiment {experiment} as a program of Keras: {}.\n\n    \
         python keras.py                               trains, and compares with the report in this folder\n    \
         python keras.py --weights model.safetensors   predicts the test rows with these weights instead\n\n\
         {ends}\n\"\"\"\n\n# /// script\n# requires-python = \"==3.11.*\"\n# dependencies = [\n",
        keras.about
    );
    for package in keras.needs {
        let _ = writeln!(text, "#     \"{package}\",");
    }
    text += "# ]\n# ///\n\n";

    let mut standard = vec!["argparse", "csv", "os", "sys"];
    standard.extend(data.standard);
    standard.sort_unstable();
    for module in standard {
        let _ = writeln!(text, "import {module}");
    }
    text += "from pathlib import Path\n\nREPORT = Path(__file__).resolve().parent\n\
             # Else this file is taken for Keras.\n\
             sys.path = [folder for folder in sys.path if Path(folder).resolve() != REPORT]\n";
    if *device == Device::Cpu {
        text += "os.environ[\"CUDA_VISIBLE_DEVICES\"] = \"-1\"\n";
    }
    if keras.module == "keras" {
        text += "os.environ[\"KERAS_BACKEND\"] = \"tensorflow\"\n";
    }
    text += "os.environ.setdefault(\"TF_CPP_MIN_LOG_LEVEL\", \"2\")\n\nimport numpy as np\n";
    // The legacy optimizers have a module each.
    let (legacy_module, class) = optimizer.rule.class();
    let is_legacy = *flow == Flow::TfLegacy;
    let optimizers = if is_legacy { format!("optimizer_v2.{legacy_module}") } else { "optimizers".to_owned() };
    let (layers, needed): (Vec<Made>, Vec<_>) = model.layers.iter().map(|layer| layer.python(*flow)).unzip();
    let schedule = optimizer.schedule.map(|schedule| schedule.python(*flow));
    let callbacks: Vec<Made> = callbacks.iter().map(|callback| callback.python(*flow)).collect();
    let mut classes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Made { module, class, .. } in layers.iter().chain(&schedule).chain(&callbacks) {
        classes.entry(*module).or_default().insert(*class);
    }
    classes.entry("models").or_default().insert("Sequential");
    classes.entry(&optimizers).or_default().insert(class);
    for (module, class) in needed.into_iter().flatten() {
        classes.entry(module).or_default().insert(class);
    }
    let of_module = |(module, classes): (&str, BTreeSet<&str>)| {
        let classes: Vec<&str> = classes.into_iter().collect();
        format!("from {}.{module} import {}", keras.module, classes.join(", "))
    };
    let mut imports = vec!["from safetensors.numpy import load_file".to_owned()];
    imports.extend(classes.into_iter().map(of_module));
    let (loss_name, loss_class) = loss.python();
    imports.extend(loss_class.map(|class| format!("from {}.losses import {class}", keras.module)));
    for (metric, class) in [(Metric::Auc, "AUC"), (Metric::Rmse, "RootMeanSquaredError")] {
        imports.extend(metrics.contains(&metric).then(|| format!("from {}.metrics import {class}", keras.module)));
    }
    let set_seed = if is_legacy {
        "import tensorflow as tf".to_owned()
    } else {
        format!("from {}.utils import set_random_seed", keras.module)
    };
    imports.extend((!witness).then_some(set_seed));
    imports.extend(data.imports.iter().map(|line| (*line).to_owned()));
    imports.sort_by_key(|line| (!line.starts_with("import "), line.clone()));
    for line in imports {
        let _ = writeln!(text, "{line}");
    }

    let data_option = if data.reads {
        "parser.add_argument(\"--data\", type=Path, help=\"the CSV file, if it lies elsewhere\")\n"
    } else {
        ""
    };
    let _ = write!(
        text,
        "\nparser = argparse.ArgumentParser()\n\
         parser.add_argument(\"--weights\", help=\"predict with these weights and train nothing\")\n{data_option}\
         arguments = parser.parse_args()\n\n# Data\n\n{}\n\n# Model\n\n",
        data.code
    );
    if !witness {
        let _ = writeln!(text, "{}({seed})", if is_legacy { "tf.random.set_seed" } else { "set_random_seed" });
    }
    text += "model = Sequential([\n";
    for layer in &layers {
        let _ = writeln!(text, "    {},", layer.text);
    }
    let mut settings = settings(optimizer);
    if let (Some(Made { text, .. }), Some(learning_rate)) = (&schedule, settings.first_mut()) {
        *learning_rate = format!("learning_rate={text}");
    }
    let loss = loss_class.map_or(format!("\"{loss_name}\""), |class| format!("{class}(from_logits=True)"));
    let mut compiled = format!("optimizer={class}({}), loss={loss}", settings.join(", "));
    if !metrics.is_empty() {
        let metrics: Vec<String> = metrics.iter().map(|metric| metric.python()).collect();
        let _ = write!(compiled, ", metrics=[{}]", metrics.join(", "));
    }
    let _ = writeln!(text, "])\nmodel.compile({compiled})\n\nKERNELS_AND_BIASES = [");
    let names = model.weight_names();
    for name in &names {
        let _ = writeln!(text, "    \"{name}\",");
    }
    let _ = write!(
        text,
        "]\n\n\ndef set_weights(weights):\n    model.build((None, {features}))\n    \
         model.set_weights([weights[name] for name in KERNELS_AND_BIASES])\n\n\n# Training\n\n\
         if arguments.weights:\n    set_weights(load_file(arguments.weights))\nelse:\n"
    );
    let shuffled = if *shuffle { "True" } else { "False" };
    if witness {
        let _ = write!(
            text,
            "    witness = load_file(REPORT / \"{WITNESS}\")\n    set_weights(witness)\n    history = {{}}\n    \
             for order in witness[\"orders\"][:{epochs}]:\n        \
             epoch = model.fit(x_train[order], y_train[order], batch_size={batch_size}, shuffle=False, verbose=0)\n        \
             for name, values in epoch.history.items():\n            history.setdefault(name, []).extend(values)\n"
        );
    } else {
        let mut settings = format!("batch_size={batch_size}, epochs={epochs}, shuffle={shuffled}");
        if let Some(split) = validation_split {
            let _ = write!(settings, ", validation_split={split:?}");
        }
        if let Some(weights) = class_weight {
            let weights: Vec<String> = weights.iter().map(|(class, weight)| format!("{class}: {weight:?}")).collect();
            let _ = write!(settings, ", class_weight={{{}}}", weights.join(", "));
        }
        if data.weighted {
            settings += ", sample_weight=weight_train";
        }
        if data.validation {
            let weight = if data.weighted { ", weight_validation" } else { "" };
            let _ = write!(settings, ", validation_data=(x_validation, y_validation{weight})");
        }
        if !callbacks.is_empty() {
            let callbacks: Vec<&str> = callbacks.iter().map(|callback| callback.text.as_str()).collect();
            let _ = write!(settings, ", callbacks=[{}]", callbacks.join(", "));
        }
        let _ = writeln!(text, "    history = model.fit(x_train, y_train, {settings}, verbose=0).history");
    }
    text += COMPARISON;
    if let Some((link, true)) = training.loss.joined() {
        let link = if link == Activation::Sigmoid { SIGMOID } else { SOFTMAX };
        let _ = writeln!(text, "predictions = {link}");
    }
    text += "print(f\"{SCORE} of the test rows: {score(predictions)!r}\")\n";
    text += if data.classes { "" } else { PREDICTIONS };
    if exact {
        text += "\nsys.exit(0 if all(equal) else 1)\n";
    }
    text
}

/// What follows a training, whatever it is.
const COMPARISON: &str = r#"
# Beside the report


def reported(file, name):
    """A column of one of the report's tables."""
    with open(REPORT / file, newline="", encoding="utf-8") as table:
        return np.array([float(row[name]) for row in csv.DictReader(table)])


def compare(what, keras, report):
    """Says how many values have the same bits, and how far apart the others are at most."""
    bits = f"u{keras.itemsize}"
    same = (keras.view(bits) == report.view(bits)) | (np.isnan(keras) & np.isnan(report))
    text = f"{what}: {same.sum()} of {same.size} equal in every bit"
    if not same.all():
        apart = np.where(same, 0, np.nan_to_num(np.abs(keras - report), nan=np.inf))
        most = np.argmax(apart)
        text += f"; at most {apart[most]:.1e} apart, {float(keras[most])!r} and {float(report[most])!r} in the report"
    print(text)
    return same.all()


equal = []
if not arguments.weights:
    for name, values in history.items():
        name = "learning_rate" if name == "lr" else name
        report = reported("history.csv", name)
        keras = np.array(values[: len(report)], np.float64)
        for epoch, pair in enumerate(zip(keras, report), 1):
            print("epoch {}: {} {!r}, in the report {!r}".format(epoch, name, *map(float, pair)))
        equal.append(compare(name, keras, report))
    if np.isfinite(report).all():
        weights = load_file(REPORT / "model.safetensors")
        keras = np.concatenate([values.ravel() for values in model.get_weights()])
        equal.append(compare("weights", keras, np.concatenate([weights[name].ravel() for name in KERNELS_AND_BIASES])))
predictions = restore(model.predict(x_test, verbose=0))
"#;

/// The probabilities that logits stand for.
const SIGMOID: &str = "1 / (1 + np.exp(-predictions))";
const SOFTMAX: &str = "np.exp(predictions) / np.exp(predictions).sum(axis=1, keepdims=True)";

/// Beside the report's table of predictions, if it has one.
const PREDICTIONS: &str = r#"if (REPORT / "predictions.csv").exists():
    report = reported("predictions.csv", "predict")
    print(f"{SCORE} of the test rows in the report: {score(report.reshape(predictions.shape))!r}")
    equal.append(compare("predictions", predictions.ravel(), report))
"#;

/// A number or a truth as Python writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        value => value.to_string(),
    }
}
