//! What becomes of the columns of a file: which are learnt from, and why the others are left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use dataset::inspect::{Column, Kind};
use dataset::{Encoding, Error, LabelEncoding, Missing, Scale, Size, Table, TableScaling, Test};
use notebook::Failure;

/// What the user says of columns.
#[derive(Debug, Args)]
pub struct Columns {
    /// A column that holds categories, or the label if it is a class, whatever it looks like; repeatable
    #[arg(long, value_name = "COLUMN", requires = "data")]
    categorical: Vec<String>,
    /// A column that holds numbers, whatever they look like; repeatable
    #[arg(long, value_name = "COLUMN", requires = "data")]
    number: Vec<String>,
    /// A column to leave out; repeatable
    #[arg(long, value_name = "COLUMN", requires = "data")]
    without: Vec<String>,
}

/// A section `data` that loads, and what is to say about it.
pub struct Chosen {
    /// The section, with the digest of the file.
    pub table: Table,
    /// How many classes the label has; 0 if it is a number.
    pub classes: usize,
    /// Lines on what is learnt from what and what is left out.
    pub said: String,
}

/// Seeds of the split that are tried until every category is in a training row.
const SEEDS: u32 = 20;

/// Looks at the file and makes a section `data` of it that predicts `label` from every column that is a quantity or a
/// category beyond doubt, or that the user calls one.
///
/// # Errors
/// If the file is no table, a column is unknown or not what the user calls it, the label is neither a quantity nor a class, nothing is left to
/// learn from, or the section does not load.
pub fn choose(path: &Path, label: &str, columns: &Columns) -> anyhow::Result<Chosen> {
    let seen = dataset::inspect(path)?;
    let classes = columns.check(&seen, label)?;
    let (mut features, mut categorical, mut left_out) = (Vec::new(), BTreeMap::new(), Vec::new());
    let (mut incomplete, mut some_no_number) = (false, false);
    for column in &seen {
        let is_category = columns.is_category(column);
        let reason = if column.name == label { None } else { columns.reason_against(column) };
        if let Some(reason) = reason {
            left_out.push(format!("{} {reason}", shown(&column.name)));
            continue;
        }
        incomplete |= column.missing > 0;
        some_no_number |= column.missing > 0 && (is_category || column.name == label);
        if column.name != label {
            features.push(column.name.clone());
            if is_category {
                categorical.insert(column.name.clone(), Encoding::OneHot);
            }
        }
    }
    let file = path.display().to_string();
    if features.is_empty() {
        let message = format!("no column is left to learn from: {}", left_out.join("; "));
        return Err(Error::Invalid { place: file, message }.into());
    }
    let (missing, remark) = match (incomplete, some_no_number) {
        (false, _) => (Missing::Refuse, ""),
        (true, false) => (Missing::Median, "missing numbers become the median of the training rows\n"),
        (true, true) => (Missing::Drop, "rows with missing cells are left out\n"),
    };
    let mut table = Table {
        file,
        sha256: None,
        label: label.to_owned(),
        classes,
        label_encoding: LabelEncoding::Ordinal,
        sample_weight: None,
        features,
        categorical,
        missing,
        test: Test { size: Size::Share(0.2), seed: 0, shuffle: true, stratify: classes.then(|| label.to_owned()) },
        scaling: TableScaling { features: Scale::Standard, label: if classes { Scale::None } else { Scale::Standard } },
        validation: None,
    };
    let data = loop {
        match table.load(Path::new("")) {
            Ok(data) => break data,
            Err(error) if table.categorical.is_empty() => return Err(error.into()),
            Err(Error::Invalid { place, message }) if table.test.seed + 1 == SEEDS => {
                let message = format!("{message}, or leave the column out with --without");
                return Err(Error::Invalid { place, message }.into());
            }
            Err(_) => table.test.seed += 1,
        }
    };
    table.sha256.clone_from(&data.sha256);
    let name = |name: &String| {
        let category = if table.categorical.contains_key(name) { " (a category)" } else { "" };
        shown(name) + category
    };
    let names: Vec<String> = table.features.iter().map(name).collect();
    let names = names.join(", ");
    let mut said = match data.classes() {
        [] => format!("{} is learnt from {names}\n{remark}", shown(label)),
        classes => {
            let several = if classes.len() > 10 { ", …" } else { "" };
            let classes: Vec<String> = classes.iter().take(10).map(|class| shown(class)).collect();
            format!(
                "{} is one of the classes {}{several}, learnt from {names}\n{remark}",
                shown(label),
                classes.join(", ")
            )
        }
    };
    for column in left_out {
        writeln!(said, "left out: {column}")?;
    }
    Ok(Chosen { table, classes: data.classes().len(), said })
}

impl Columns {
    /// Whether the label is a class, if what the user says of columns can be.
    fn check(&self, seen: &[Column], label: &str) -> anyhow::Result<bool> {
        let find = |flag: &str, name: &str| {
            let names = || seen.iter().map(|column| column.name.as_str());
            let unknown = || {
                let hint = if seen.len() == 1 && seen[0].name.contains([';', '\t']) {
                    "expected commas between the columns".to_owned()
                } else if let Some(near) = manifest::nearest(name, names()) {
                    format!("did you mean {}?", shown(near))
                } else {
                    format!("there are {}", names().take(20).map(shown).collect::<Vec<_>>().join(", "))
                };
                Failure::usage(format!("--{flag}: there is no column {}; {hint}", shown(name)))
            };
            seen.iter().find(|column| column.name == name).ok_or_else(unknown)
        };
        let label = find("label", label)?;
        let flags = [("categorical", &self.categorical), ("number", &self.number), ("without", &self.without)];
        for (place, (flag, names)) in flags.iter().enumerate() {
            for name in *names {
                let column = find(flag, name)?;
                if let Some((other, _)) = flags[..place].iter().find(|(_, names)| names.contains(name)) {
                    return Err(Failure::usage(format!("--{flag}: {} is given with --{other} too", shown(name))));
                }
                if *flag == "number" && !is_numeric(column) {
                    let message = format!("--number: {} holds {}, no numbers", shown(name), examples(column));
                    return Err(Failure::usage(message));
                }
                if *flag == "without" && *name == label.name {
                    return Err(Failure::usage(format!("--without: {} is the label", shown(name))));
                }
            }
        }
        if is_no_name(&label.name) {
            return Err(Failure::usage("--label: the column has a name that no manifest can hold"));
        }
        let (name, values) = (shown(&label.name), examples(label));
        let message = match label.kind {
            Kind::Constant => format!("{name} has no two values that differ"),
            _ if self.number.contains(&label.name) => return Ok(false),
            _ if self.categorical.contains(&label.name) => return Ok(true),
            Kind::Category => return Ok(true),
            Kind::Date => format!("{name} holds dates ({values}), no numbers"),
            Kind::Identifier if !is_numeric(label) => format!("{name} holds texts ({values}), no numbers"),
            Kind::Identifier if label.examples.iter().any(|cell| cell.trim().parse::<i64>().is_err()) => {
                format!("{name} holds texts beside its numbers ({values}); --number {name} says where")
            }
            Kind::Code | Kind::Identifier => format!(
                "{name} has the whole numbers {values}; give --number {name} if they are a quantity, --categorical {name} if they \
                 are classes"
            ),
            Kind::Number => return Ok(false),
        };
        Err(Error::Invalid { place: "label".to_owned(), message }.into())
    }

    fn is_category(&self, column: &Column) -> bool {
        let is_called_one = self.categorical.contains(&column.name);
        is_called_one || column.kind == Kind::Category && !self.number.contains(&column.name)
    }

    /// Why a column is not learnt from; `None` if it is.
    fn reason_against(&self, column: &Column) -> Option<String> {
        let Column { name, kind, distinct, .. } = column;
        let (flag, values) = (shown(name), examples(column));
        if self.without.contains(name) {
            return Some("as you say".to_owned());
        }
        if is_no_name(name) {
            return Some("has a name that no manifest can hold".to_owned());
        }
        if self.number.contains(name) || self.categorical.contains(name) {
            return None;
        }
        match kind {
            Kind::Number | Kind::Category => None,
            Kind::Code => Some(format!(
                "has {distinct} whole numbers ({values}): give --number {flag} if they are a quantity, --categorical {flag} if \
                 they are codes"
            )),
            Kind::Identifier => Some(format!("looks like an identifier ({values})")),
            Kind::Date => Some(format!("holds dates ({values})")),
            Kind::Constant if *distinct == 0 => Some("is empty".to_owned()),
            Kind::Constant => Some(format!("has one value ({values})")),
        }
    }
}

/// Whether all that was seen of a column are numbers.
fn is_numeric(column: &Column) -> bool {
    match column.kind {
        Kind::Number | Kind::Code => true,
        Kind::Category | Kind::Date => false,
        Kind::Identifier | Kind::Constant => column.examples.iter().all(|cell| cell.trim().parse::<f64>().is_ok()),
    }
}

/// Whether a manifest, whose texts are one line, cannot name a column so.
fn is_no_name(name: &str) -> bool {
    name.is_empty() || name.contains(char::is_control)
}

/// The first values of a column.
fn examples(column: &Column) -> String {
    let mut values: Vec<String> = column.examples.iter().map(|cell| shown(cell)).collect();
    if column.distinct > values.len() {
        values.push("…".to_owned());
    }
    values.join(", ")
}

/// A cell or a name, in quotes where it is no plain word.
fn shown(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    let is_word = !text.is_empty() && text.chars().count() <= 40 && text.chars().all(is_plain);
    if is_word { text.to_owned() } else { manifest::quote(text) }
}
