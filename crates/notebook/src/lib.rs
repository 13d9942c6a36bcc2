//! What a run leaves behind: tables, figures, values, digests and a page, written whole or not at all.
//!
//! An experiment's `main` calls [`run`] with its own story; the story fills a [`Notebook`]; when it returns,
//! the report folder appears in one step.
//!
//! ```text
//! reports/<experiment>/  *.csv  metrics.json  published.csv  resolved.yaml  notebook.json  figures/*.png  report.md  SHA256SUMS
//! ```

mod about;
mod changes;
mod charts;
mod cli;
mod contents;
mod digest;
mod measured;
mod number;
mod page;
mod provenance;
mod published;
mod record;
mod staging;
mod statistics;

pub use about::{About, Source};
pub use cli::{Failure, Resume, Resumed, exit_code, fail, run, show};
pub use contents::{CONTENTS, Column, Contents, Figure, Table, markdown_table};
pub use digest::{RECORDS, check_sha256sums, files, sha256, write_sha256sums};
pub use measured::write_record;
pub use number::{printed_loss, python_repr};
pub use page::render;
pub use provenance::PROVENANCE;
pub use published::{Basis, Comparison, Number, Published, Reproduced, Verdict, words};
pub use record::{JOURNAL, Notebook, TableWriter, column, csv, progress_bar, read_csv, read_csv_texts, write_csv};
pub use staging::{Busy, Kind, Refused, Staging, is_half_replaced};
pub use statistics::{median, quantile};
