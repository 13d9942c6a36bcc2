//! The same data in Python: what NumPy and scikit-learn have to do to get the same float32 bits.

use std::fmt::Write as _;

use crate::preprocessing::Scale;
use crate::table::{Encoding, LabelEncoding, Missing, Size, Test};
use crate::{Dataset, Draw, Drawn, Range, Restore, Scaling, Table};

/// Letters of a line of Python, about.
const LINE: usize = 108;

/// What a data set was made from.
#[derive(Debug, Clone)]
pub(crate) enum Recipe {
    /// Numbers that are drawn, of which `held_out`, a share of the training rows, are the test rows where it is there.
    Drawn {
        drawn: Drawn,
        scaling: Scaling,
        restore: Restore,
        held_out: Option<f64>,
    },
    Table(Table),
}

/// A part of a Python program that makes a data set, below `import numpy as np`, a folder `REPORT` and, for a table, a path or
/// `None` in `arguments.data`.
///
/// It leaves `x_train`, `y_train` and `x_test` in float32 as the network gets them, `x_validation` and `y_validation` where the
/// data have such rows, the test rows' `labels` as they are, all of two dimensions, and two functions: `restore` turns
/// predictions back into the labels' unit in float64, `score`, whose name is `SCORE`, says how good such predictions of the test rows are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is something that the data have or have not")]
pub struct Python {
    /// Modules of Python itself that it needs.
    pub standard: &'static [&'static str],
    /// Lines that import the rest.
    pub imports: Vec<&'static str>,
    /// The statements.
    pub code: String,
    /// Whether they read a file.
    pub reads: bool,
    /// Whether the labels are classes.
    pub classes: bool,
    /// Whether there are rows to validate on.
    pub validation: bool,
    /// Whether `weight_train`, and `weight_validation`, say how much each row counts.
    pub weighted: bool,
}

impl Dataset {
    /// How Python makes the same data; follows from the manifest alone.
    pub fn python(&self) -> Python {
        match &self.recipe {
            Recipe::Drawn { drawn, scaling, restore, held_out } => {
                Python { code: drawn.python(*scaling, *restore, *held_out), ..Python::default() }
            }
            Recipe::Table(table) => table.python(),
        }
    }
}

impl Drawn {
    fn python(&self, scaling: Scaling, restore: Restore, held_out: Option<f64>) -> String {
        let draw = |Range { low, high, loc, scale, size }: &Range| {
            let (method, from, to) = match self.draw {
                Draw::Randint => ("randint", low.map(|low| low.to_string()), high.map(|high| high.to_string())),
                Draw::Uniform => ("uniform", low.map(|low| low.to_string()), high.map(|high| high.to_string())),
                Draw::Normal => ("normal", loc.map(|loc| format!("{loc:?}")), scale.map(|scale| format!("{scale:?}"))),
            };
            let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
            format!("random.{method}({from}, {to}, ({size}, {}))", self.features)
        };
        let mut code = format!(
            "random = np.random.RandomState({})\nx_train = {}\nx_test = {}\n",
            self.seed,
            draw(&self.train),
            draw(&self.test)
        );
        if let Some(share) = held_out {
            let _ = writeln!(
                code,
                "kept = int(len(x_train) * (1 - {share:?}))\nx_train, x_test = x_train[:kept], x_train[kept:]"
            );
        }
        let add = self.label.add;
        let _ = writeln!(code, "y_train, labels = (x.sum(axis=1, keepdims=True) + {add} for x in (x_train, x_test))");
        let restored = match (scaling, restore) {
            (Scaling::None, _) => "predictions.astype(np.float64)",
            (Scaling::Standard, Restore::Float32) => {
                "(predictions * np.float32(std) + np.float32(mean)).astype(np.float64)"
            }
            (Scaling::Standard, Restore::Float64) => "predictions.astype(np.float64) * std + mean",
        };
        let scaled = match scaling {
            Scaling::Standard => {
                code += "mean, std = np.mean(x_train), np.std(x_train)\n";
                "((values - mean) / std).astype(np.float32)"
            }
            Scaling::None => "values.astype(np.float32)",
        };
        code + &format!(
            "x_train, y_train, x_test = ({scaled} for values in (x_train, y_train, x_test))\n\n\n\
             def restore(predictions):\n    return {restored}\n{ERROR}"
        )
    }
}

/// How good predictions of numbers are.
const ERROR: &str = r#"

SCORE = "root mean square error"


def score(predictions):
    return float(np.sqrt(np.mean((predictions - labels) ** 2)))
"#;

/// How good predictions of classes are.
const ACCURACY: &str = r#"

SCORE = "accuracy"


def score(predictions):
    likeliest = predictions > 0.5 if predictions.shape[1] == 1 else np.argmax(predictions, axis=1, keepdims=True)
    return float(np.mean(likeliest == labels))
"#;

/// A column as the table reads it.
const COLUMN: &str = r#"
MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}


def column(name):
    """The cells as numbers if all of them are, NaN where one is missing; else as texts."""
    cells = [row[name] for row in rows]
    try:
        return np.array([np.nan if cell.strip().lower() in MISSING else float(cell) for cell in cells])
    except ValueError:
        return np.array(cells)


"#;

/// Leaving rows out.
const DROP: &str = r#"# Rows in which a cell is missing are left out.
present = [cells != "" if cells.dtype.kind == "U" else ~np.isnan(cells) for cells in columns.values()]
columns = {name: cells[np.all(present, axis=0)] for name, cells in columns.items()}
"#;

impl Table {
    #[expect(clippy::too_many_lines, reason = "a program is read from its first line to its last")]
    fn python(&self) -> Python {
        let Self {
            file,
            sha256,
            label,
            classes,
            label_encoding,
            sample_weight,
            features,
            categorical,
            missing,
            test,
            scaling,
            validation,
        } = self;
        let mut imports = vec!["from sklearn.model_selection import train_test_split"];
        let mut code = format!(
            "FILE = {}\nFEATURES = {}\nLABEL = {}\n\n\
             path = arguments.data or next((folder / FILE for folder in REPORT.parents if (folder / FILE).is_file()), Path(FILE))\n",
            text(file),
            list(features),
            text(label)
        );
        if let Some(digest) = sha256 {
            let _ = writeln!(
                code,
                "if hashlib.sha256(path.read_bytes()).hexdigest() != \"{digest}\":\n    \
                 sys.exit(f\"{{path}} is not the file that the report was made from\")"
            );
        }
        code +=
            "with open(path, newline=\"\", encoding=\"utf-8-sig\") as file:\n    rows = list(csv.DictReader(file))\n";
        code += COLUMN;
        let others = [&test.stratify, sample_weight].into_iter().flatten();
        let names = ["*FEATURES".to_owned(), "LABEL".to_owned()].into_iter().chain(others.map(|name| text(name)));
        let names: Vec<String> = names.collect();
        let _ = writeln!(code, "columns = {{name: column(name) for name in [{}]}}", names.join(", "));
        if *missing == Missing::Drop {
            code += DROP;
        }
        code += &split(test);
        let split_off = validation.as_ref().and_then(|validation| validation.split);
        if let Some(share) = split_off {
            let _ = writeln!(
                code,
                "kept = int(len(train) * (1 - {share:?}))\ntrain, validation = train[:kept], train[kept:]"
            );
        }

        // Every feature on its way to the network; neighbours that are numbers are one block.
        let (mut numbers, mut blocks) = (Vec::new(), Vec::<String>::new());
        let number = match (missing, scaling.features) {
            (Missing::Mean | Missing::Median, Scale::None) => "imputer.transform(numbers[rows])",
            (Missing::Mean | Missing::Median, _) => "scaler.transform(imputer.transform(numbers[rows]))",
            (Missing::Refuse | Missing::Drop, Scale::None) => "numbers[rows]",
            (Missing::Refuse | Missing::Drop, _) => "scaler.transform(numbers[rows])",
        };
        for run in features.chunk_by(|one, other| !categorical.contains_key(one) && !categorical.contains_key(other)) {
            if categorical.contains_key(&run[0]) {
                let name = text(&run[0]);
                blocks.push(format!("encoders[{name}].transform(columns[{name}][rows, None])"));
            } else {
                let start = numbers.len();
                numbers.extend(run);
                blocks.push(format!("{number}[:, {start}:{}]", numbers.len()));
            }
        }
        if !numbers.is_empty() {
            let names = if categorical.is_empty() { "FEATURES".to_owned() } else { list(&numbers) };
            let _ =
                writeln!(code, "\nnumbers = np.ascontiguousarray(np.transpose([columns[name] for name in {names}]))");
            let mut learnt_from = "numbers[train]".to_owned();
            let strategy = match missing {
                Missing::Refuse | Missing::Drop => None,
                Missing::Mean => Some("mean"),
                Missing::Median => Some("median"),
            };
            if let Some(strategy) = strategy {
                imports.insert(0, "from sklearn.impute import SimpleImputer");
                let _ = writeln!(code, "imputer = SimpleImputer(strategy=\"{strategy}\").fit({learnt_from})");
                learnt_from = format!("imputer.transform({learnt_from})");
            }
            if let Some(scaler) = scaler(scaling.features) {
                let _ = writeln!(code, "scaler = {scaler}.fit({learnt_from})");
            }
        }
        if !categorical.is_empty() {
            code += "encoders = {\n";
            for (name, encoding) in categorical {
                let (name, encoder) = (
                    text(name),
                    match encoding {
                        Encoding::OneHot => "OneHotEncoder(sparse_output=False)",
                        Encoding::Ordinal => "OrdinalEncoder()",
                    },
                );
                let _ = writeln!(code, "    {name}: preprocessing.{encoder}.fit(columns[{name}][train, None]),");
            }
            code += "}\n";
        }
        let all = format!("{number}[:, 0:{}]", numbers.len());
        for block in blocks.iter_mut().filter(|block| **block == all) {
            number.clone_into(block);
        }
        let x = match &blocks[..] {
            [only] => format!("{only}.astype(np.float32)"),
            blocks => {
                format!("np.hstack([\n        {},\n    ]).astype(np.float32)", blocks.join(",\n        "))
            }
        };
        let _ = writeln!(code, "\n\ndef inputs(rows):\n    return {x}\n\n");
        code += if *classes {
            "classes, codes = np.unique(columns[LABEL], return_inverse=True)\nlabels = codes[:, None].astype(np.float64)\n"
        } else {
            "labels = columns[LABEL][:, None]\n"
        };
        let scaled = scaler(scaling.label).map(|scaler| format!("label_scaler = {scaler}.fit(labels[train])\n"));
        let (y, restored) = match scaled {
            Some(scaler) => {
                code += &scaler;
                ("label_scaler.transform(labels)", "label_scaler.inverse_transform(predictions.astype(np.float64))")
            }
            None => ("labels", "predictions.astype(np.float64)"),
        };
        if scaling.features != Scale::None && !numbers.is_empty()
            || scaling.label != Scale::None
            || !categorical.is_empty()
        {
            imports.insert(0, "from sklearn import preprocessing");
        }
        let y = match label_encoding {
            LabelEncoding::Ordinal => y,
            LabelEncoding::OneHot => "(labels == np.arange(len(classes)))",
        };
        let parts: &[&str] = if split_off.is_some() { &["train", "validation"] } else { &["train"] };
        let _ = writeln!(code, "y = {y}.astype(np.float32)");
        for part in parts {
            let _ = writeln!(code, "x_{part}, y_{part} = inputs({part}), y[{part}]");
            if let Some(name) = sample_weight {
                let _ = writeln!(code, "weight_{part} = columns[{}][{part}].astype(np.float32)", text(name));
            }
        }
        let score = if *classes { ACCURACY } else { ERROR };
        let _ = write!(
            code,
            "x_test, labels = inputs(test), labels[test]\n\n\ndef restore(predictions):\n    return {restored}\n{score}"
        );
        let standard: &[&str] = if sha256.is_some() { &["hashlib"] } else { &[] };
        let (reads, validation, weighted) = (true, split_off.is_some(), sample_weight.is_some());
        Python { standard, imports, code, reads, classes: *classes, validation, weighted }
    }
}

fn split(Test { size, seed, shuffle, stratify }: &Test) -> String {
    let size = match size {
        Size::Rows(rows) => rows.to_string(),
        Size::Share(share) => format!("{share:?}"),
    };
    let how = if *shuffle { format!("random_state={seed}") } else { "shuffle=False".to_owned() };
    let stratify = stratify.as_ref().map(|name| format!(", stratify=columns[{}]", text(name))).unwrap_or_default();
    format!("train, test = train_test_split(np.arange(len(columns[LABEL])), test_size={size}, {how}{stratify})\n")
}

fn scaler(scale: Scale) -> Option<&'static str> {
    match scale {
        Scale::Standard => Some("preprocessing.StandardScaler()"),
        Scale::MinMax => Some("preprocessing.MinMaxScaler()"),
        Scale::None => None,
    }
}

/// A text as Python writes it: JSON's way is one of Python's.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A list of texts, in lines if it is long.
fn list(names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| text(name.as_ref())).collect();
    let line = names.join(", ");
    if line.len() <= LINE {
        return format!("[{line}]");
    }
    let (mut lines, mut end) = (String::new(), LINE + 1);
    for name in names {
        if end + name.len() > LINE {
            lines += "\n    ";
            end = 4;
        } else {
            lines.push(' ');
        }
        end += name.len() + 2;
        lines = lines + &name + ",";
    }
    format!("[{lines}\n]")
}
