//! What differs between two folders of reports: tables and texts byte for byte, figures by pixels.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use notebook::{RECORDS, read_csv_texts};

/// One difference, with where it is.
#[derive(Debug)]
pub enum Difference {
    /// A file that only the expected folder has.
    Missing(PathBuf),
    /// A file that only the found folder has.
    Unexpected(PathBuf),
    /// A cell of a table.
    Cell { file: PathBuf, line: usize, column: String, expected: String, found: String },
    /// A line of a text.
    Line { file: PathBuf, line: usize, expected: String, found: String },
    /// Pixels of a figure, or its size.
    Pixels { file: PathBuf, differing: Option<usize> },
    /// The bytes of a file in which no line, cell or pixel differs.
    Bytes(PathBuf),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(file) => write!(f, "{}: missing", file.display()),
            Self::Unexpected(file) => write!(f, "{}: not in the committed reports", file.display()),
            Self::Cell { file, line, column, expected, found } => {
                write!(f, "{}:{line}: {column}: expected {expected}, found {found}", file.display())?;
                match distance(expected, found) {
                    Some(distance) => write!(f, " ({distance:.3e} apart)"),
                    None => Ok(()),
                }
            }
            Self::Line { file, line, expected, found } => {
                let (expected, found) = (shorten(expected), shorten(found));
                write!(f, "{}:{line}: expected {expected:?}, found {found:?}", file.display())
            }
            Self::Pixels { file, differing: Some(count) } => write!(f, "{}: {count} pixels differ", file.display()),
            Self::Pixels { file, differing: None } => write!(f, "{}: another size", file.display()),
            Self::Bytes(file) => write!(f, "{}: other bytes", file.display()),
        }
    }
}

fn distance(expected: &str, found: &str) -> Option<f64> {
    let (expected, found): (f64, f64) = (expected.parse().ok()?, found.parse().ok()?);
    Some((expected - found).abs())
}

fn shorten(line: &str) -> String {
    const MOST: usize = 120;
    if line.chars().count() <= MOST { line.to_owned() } else { line.chars().take(MOST).chain(['…']).collect() }
}

/// How many files two folders share to the last byte or pixel, and how the others differ.
#[derive(Debug)]
pub struct Compared {
    /// Names of files and folders that are left out.
    without: &'static [&'static str],
    /// Files that are the same.
    pub identical: usize,
    /// What differs, by file; of a table or text the first few places.
    pub differences: Vec<Difference>,
}

impl Compared {
    /// Nothing compared yet; files and folders of these names will be left out.
    pub fn without(names: &'static [&'static str]) -> Self {
        Self { without: names, identical: 0, differences: Vec::new() }
    }

    /// Compares what lies in `folder` of both roots; names in the differences are relative to the roots.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn add(&mut self, expected: &Path, found: &Path, folder: &Path) -> anyhow::Result<()> {
        let names = [self.names(expected, folder)?, self.names(found, folder)?];
        for name in names[0].union(&names[1]) {
            let file = folder.join(name);
            if !names[1].contains(name) {
                // A run carries on what it finds among the records, and it found none where it was.
                if file.iter().any(|name| name == RECORDS) {
                    continue;
                }
                self.differences.push(Difference::Missing(file));
            } else if !names[0].contains(name) {
                self.differences.push(Difference::Unexpected(file));
            } else if expected.join(&file).is_dir() {
                self.add(expected, found, &file)?;
            } else {
                self.file(expected, found, file)?;
            }
        }
        Ok(())
    }

    fn names(&self, root: &Path, folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
        let folder = root.join(folder);
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let names: BTreeSet<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.file_name().into())).collect::<Result<_, _>>()?;
        let is_compared = |name: &PathBuf| {
            // Hidden files are journals of searches that go on, and marks.
            let is_hidden = name.as_os_str().as_encoded_bytes().starts_with(b".");
            !is_hidden && !self.without.iter().any(|left_out| name.as_os_str() == *left_out)
        };
        Ok(names.into_iter().filter(is_compared).collect())
    }

    fn file(&mut self, expected: &Path, found: &Path, file: PathBuf) -> anyhow::Result<()> {
        let paths = [expected.join(&file), found.join(&file)];
        let [expected, found] = [read(&paths[0])?, read(&paths[1])?];
        if expected == found {
            self.identical += 1;
            return Ok(());
        }
        let before = self.differences.len();
        if file.ends_with("SHA256SUMS") {
            // Its lines only repeat what differs elsewhere.
            self.differences.push(Difference::Bytes(file));
            return Ok(());
        }
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("png") => match differing_pixels(&paths)? {
                Some(0) => self.identical += 1,
                differing => self.differences.push(Difference::Pixels { file, differing }),
            },
            Some("csv") => {
                self.differences.extend(cells(&paths, &file)?);
                self.lines_if_none(before, file, &expected, &found);
            }
            _ => self.lines_if_none(before, file, &expected, &found),
        }
        Ok(())
    }

    /// The first lines that differ, where nothing finer was found.
    fn lines_if_none(&mut self, before: usize, file: PathBuf, expected: &[u8], found: &[u8]) {
        if self.differences.len() > before {
            return;
        }
        let [expected, found] = [expected, found].map(String::from_utf8_lossy);
        let lines = expected.lines().zip(found.lines()).enumerate().filter(|(_, (expected, found))| expected != found);
        for (number, (expected, found)) in lines.take(SHOWN) {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            self.differences.push(Difference::Line { file: file.clone(), line: number + 1, expected, found });
        }
        if self.differences.len() == before {
            self.differences.push(Difference::Bytes(file));
        }
    }
}

/// How many places of one file are named.
const SHOWN: usize = 3;

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// How many pixels differ; none if the sizes do.
fn differing_pixels(paths: &[PathBuf; 2]) -> anyhow::Result<Option<usize>> {
    let open = |path: &Path| pixels(path).with_context(|| format!("cannot read {}", path.display()));
    let ((expected_size, expected), (found_size, found)) = (open(&paths[0])?, open(&paths[1])?);
    let pairs = expected.chunks_exact(4).zip(found.chunks_exact(4));
    Ok((expected_size == found_size).then(|| pairs.filter(|(expected, found)| expected != found).count()))
}

/// Width, height and pixels of a picture in colours: red, green, blue and opacity.
pub fn pixels(path: &Path) -> anyhow::Result<((u32, u32), Vec<u8>)> {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(path)?));
    decoder.set_transformations(png::Transformations::ALPHA | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let frame = reader.next_frame(&mut pixels)?;
    anyhow::ensure!(frame.color_type == png::ColorType::Rgba, "the picture has no colours");
    Ok(((frame.width, frame.height), pixels))
}

/// The first cells that differ of two tables with the same columns and rows; nothing if they have other shapes.
fn cells(paths: &[PathBuf; 2], file: &Path) -> anyhow::Result<Vec<Difference>> {
    let (expected, found) = (read_csv_texts(&paths[0])?, read_csv_texts(&paths[1])?);
    if expected.shape() != found.shape() || expected.get_column_names() != found.get_column_names() {
        return Ok(Vec::new());
    }
    let mut differences = Vec::new();
    for row in 0..expected.height() {
        for (expected, found) in expected.columns().iter().zip(found.columns()) {
            let text = |column: &polars::prelude::Column| -> anyhow::Result<String> {
                Ok(column.str()?.get(row).unwrap_or_default().to_owned())
            };
            let column = expected.name().to_string();
            let (expected, found) = (text(expected)?, text(found)?);
            if expected != found {
                let file = file.to_owned();
                differences.push(Difference::Cell { file, line: row + 2, column, expected, found });
                if differences.len() == SHOWN {
                    return Ok(differences);
                }
            }
        }
    }
    Ok(differences)
}

/// A picture in shades of grey, as the bytes of its file.
///
/// # Errors
/// If it has not as many pixels as its size says.
pub fn encode(grey: &[u8], (width, height): (u32, u32)) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(grey)?;
    Ok(file)
}
