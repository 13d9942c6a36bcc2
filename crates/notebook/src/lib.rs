//! What a run leaves behind: an executed notebook with its tables, figures, values and digests, written whole or not at all.
//!
//! An experiment's `main` calls [`run`] with the [`source!`] of its story; the story fills a [`Notebook`]; when it returns,
//! the report folder appears in one step. Every output belongs to the cell of the story that called for it.
//!
//! ```text
//! reports/<experiment>/  *.csv  metrics.json  published.csv  resolved.yaml  notebook.json  figures/*.png
//!                        notebook.ipynb  index.html  report.md  SHA256SUMS
//! ```
//!
//! Pages, comparisons and other programs read it as [`Contents`]:
//!
//! ```rust,ignore
#![doc = include_str!("../tests/it/front_page.rs")]
//! ```

mod about;
mod cells;
mod changes;
mod charts;
mod cli;
mod contents;
mod digest;
pub mod expect;
mod html;
mod ipynb;
mod markdown;
mod measured;
mod number;
mod outputs;
mod page;
mod parts;
mod provenance;
mod published;
mod record;
mod staging;
mod statistics;
mod tables;

pub use about::{About, Source};
pub use cells::CellKind;
pub use changes::differences;
pub use cli::{Done, Failure, Resume, end, exit_code, fail, run, show};
pub use contents::{CONTENTS, Cell, Change, Column, Contents, Figure, Output, Table, markdown_table, printed};
pub use digest::{RECORDS, check_sha256sums, files, program_sha256, sha256, write_sha256sums};
pub use html::of_markdown as html_of_markdown;
pub use measured::write_record;
pub use number::{counted, printed_loss, python_repr};
pub use outputs::ProgramSource;
pub use page::{STYLE, render};
pub use provenance::{PROVENANCE, processor};
pub use published::{Basis, Comparison, Number, Published, Reproduced, Verdict, words};
pub use record::{JOURNAL, Notebook, progress_bar};
pub use staging::{Busy, Kind, Refused, Staging, is_half_replaced};
pub use statistics::{median, quantile};
pub use tables::{TableWriter, column, csv, read_csv, read_csv_texts, write_csv};
