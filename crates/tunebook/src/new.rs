//! `tunebook new`: an experiment that builds and runs at once, on drawn data or on a file.

mod columns;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use columns::{Columns, choose};
use dataset::Table;
use minijinja::context;
use notebook::{Failure, render};
use serde_json::json;

use crate::answer::Answer;
use crate::run::experiments;

/// The experiment that is made.
#[derive(Debug, Args)]
pub struct New {
    /// Its name: lower-case letters, digits and hyphens
    name: String,
    /// A CSV file with a header to learn from [default: the experiment draws its data]
    #[arg(long, value_name = "FILE", requires = "label")]
    data: Option<PathBuf>,
    /// The column to predict
    #[arg(long, value_name = "COLUMN", requires = "data")]
    label: Option<String>,
    /// Copy the file to data/NAME and list it in data/SHA256SUMS; if not, it stays where it is
    #[arg(long, requires = "data")]
    copy: bool,
    #[command(flatten)]
    columns: Columns,
    /// The workspace [default: the one in which this program was built]
    #[arg(long, value_name = "DIR", hide = true)]
    workspace: Option<PathBuf>,
}

/// The files of an experiment and their templates.
const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../templates/new/package.toml")),
    ("manifest.yaml", include_str!("../templates/new/manifest.yaml")),
    ("benches/training.rs", include_str!("../templates/new/training.rs")),
    ("tests/it/main.rs", include_str!("../templates/new/it.rs")),
    ("tests/it/expectation.rs", include_str!("../templates/new/expectation.rs")),
];

/// The program, of numbers and of classes.
const PROGRAMS: [&str; 2] = [include_str!("../templates/new/main.rs"), include_str!("../templates/new/classes.rs")];

/// Makes the experiment's folder, whole or not at all, and prints what its data are and what to run next.
///
/// # Errors
/// If the name is taken or none of a package, a column is unknown or not what it is said to be, the label is neither a number nor a class,
/// the file is no table, or a folder cannot be written.
pub fn new(root: &Path, new: &New) -> anyhow::Result<Answer> {
    let root = new.workspace.as_deref().unwrap_or(root);
    let name = &new.name;
    check_name(root, name)?;
    let mut said = String::new();
    let mut title = "A network and what it has to beat".to_owned();
    let (mut table, mut classes) = (None, 0);
    if let (Some(file), Some(label)) = (&new.data, &new.label) {
        let path = file.canonicalize().with_context(|| format!("cannot read {}", file.display()))?;
        let place = place(root, &path, new)?;
        let chosen = choose(&path, label, &new.columns)?;
        (said, classes) = (chosen.said, chosen.classes);
        title = format!("{label} of {}", path.file_name().unwrap_or_default().to_string_lossy());
        table = Some(Table { file: place, ..chosen.table });
    }
    let yaml = table.as_ref().map(serde_yaml::to_string).transpose()?;
    let yaml = yaml.map(|yaml| yaml.trim_end().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"));
    // It stands in a comment of one line.
    let label = new.label.as_deref().unwrap_or_default().replace(|c: char| c.is_control() || c == '`', " ");
    let (outputs, activation, loss) = match classes {
        0 => (1, "linear", "mse"),
        2 => (1, "sigmoid", "binary_crossentropy"),
        _ => (classes, "softmax", "sparse_categorical_crossentropy"),
    };
    let title = serde_json::to_string(&title)?;
    let classes = classes > 0;
    let values = context! { name, label, title, table => yaml, classes, outputs, activation, loss };

    // Beside the folders that it becomes part of, so that it is put there in one step.
    let staged = tempfile::Builder::new().prefix(".new-").suffix(".partial").tempdir_in(root);
    let staged = staged.with_context(|| format!("cannot write into {}", root.display()))?;
    let made = staged.path().join("experiment");
    for (file, template) in FILES.into_iter().chain([("src/main.rs", PROGRAMS[usize::from(classes)])]) {
        let path = made.join(file);
        let text = render(file, template, &values)?;
        fs::create_dir_all(path.parent().unwrap_or(&made))
            .and_then(|()| fs::write(&path, text))
            .with_context(|| format!("cannot write {file}"))?;
    }
    let folder = root.join("experiments").join(name);
    let publish = || fs::rename(&made, &folder).with_context(|| format!("cannot make {}", folder.display()));
    match (&new.data, &table) {
        (Some(file), Some(table)) if new.copy => with_copy(root, file, table, staged.path(), publish)?,
        _ => publish()?,
    }
    let json = json!({"experiment": name, "folder": folder, "columns": said.lines().collect::<Vec<_>>()});
    let text = format!(
        "{said}experiments/{name} is made; to run it, and to have its keys completed by an editor:\n  \
         cargo run --release -p {name}\n  \
         cargo run --release -p {name} -- --schema > experiments/{name}/manifest.schema.json\n",
    );
    Ok(Answer::new(text, json))
}

/// What the manifest calls the file: relative to the workspace if it lies there or is copied, else absolute.
fn place(root: &Path, path: &Path, new: &New) -> anyhow::Result<String> {
    let root = root.canonicalize().with_context(|| format!("cannot read {}", root.display()))?;
    let file = path.file_name().unwrap_or_default();
    let copied = Path::new("data").join(&new.name).join(file);
    let place = if new.copy { copied.as_path() } else { path.strip_prefix(root).unwrap_or(path) };
    let text = place.to_str().filter(|text| !text.contains(char::is_control));
    Ok(text.ok_or_else(|| Failure::usage("--data: the file's path is no text that a manifest can hold"))?.to_owned())
}

/// Copies the file to where the table has it, adds it to the list of digests and publishes; undoes both if that fails.
fn with_copy(
    root: &Path,
    file: &Path,
    table: &Table,
    staged: &Path,
    publish: impl Fn() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (target, list) = (root.join(&table.file), root.join("data/SHA256SUMS"));
    let folder = target.parent().context("a copy lies in a folder")?;
    if folder.exists() {
        return Err(Failure::usage(format!("{} is there already", folder.display())));
    }
    let copied = staged.join("data");
    fs::create_dir(&copied)
        .and_then(|()| fs::copy(file, copied.join(target.file_name().unwrap_or_default())))
        .with_context(|| format!("cannot copy {}", file.display()))?;
    let before = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let digest = table.sha256.as_deref().unwrap_or_default();
    let line = format!("{digest}  {}", table.file.strip_prefix("data/").unwrap_or(&table.file));
    let mut lines: Vec<&str> = before.lines().chain([line.as_str()]).collect();
    lines.sort_by_key(|line| line.split_once("  ").map(|(_, file)| file));
    let done = fs::rename(&copied, folder)
        .and_then(|()| fs::write(&list, lines.join("\n") + "\n"))
        .with_context(|| format!("cannot write {}", target.display()))
        .and_then(|()| publish());
    if done.is_err() {
        let _ = fs::remove_dir_all(folder);
        let _ = fs::write(&list, before);
    }
    done
}

/// Names that cargo or rustc keep for themselves.
const RESERVED: &str = "abstract as async await become box break build const continue core crate deps do dyn else enum \
    examples extern false final fn for gen if impl in incremental let loop macro match mod move mut override priv proc-macro \
    pub ref return self static std struct super test trait true try type typeof unsafe unsized use virtual where while yield";

/// Refuses a name that is none of a package, or that something in the workspace has.
fn check_name(root: &Path, name: &str) -> anyhow::Result<()> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.len() > 64 || !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.bytes().all(letter) {
        let name = manifest::quote(name);
        return Err(Failure::usage(format!(
            "a name is at most 64 lower-case letters, digits and hyphens and begins with a letter, got {name}"
        )));
    }
    if root.join("experiments").join(name).exists() {
        return Err(Failure::usage(format!("there is an experiment {name} already")));
    }
    // Cargo could not tell packages of one name apart. Those of the workspace have no source.
    let lock = root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let package = format!("\nname = \"{name}\"\n");
    let is_package = |block: &str| block.starts_with(&package) && block.contains("\nsource = ");
    let program = Path::new("src/bin").join(format!("{name}.rs"));
    let programs = experiments(root).unwrap_or_default();
    let is_program = |experiment: &String| {
        let folder = root.join("experiments").join(experiment);
        folder.join(&program).exists() || folder.join(program.with_extension("")).exists()
    };
    if root.join("crates").join(name).exists()
        || lock.split("[[package]]").any(is_package)
        || programs.iter().any(is_program)
    {
        return Err(Failure::usage(format!("a crate or program is called {name} already")));
    }
    if RESERVED.split_whitespace().any(|reserved| reserved == name) {
        return Err(Failure::usage(format!("{name} is a word that cargo or Rust keeps for itself")));
    }
    Ok(())
}
