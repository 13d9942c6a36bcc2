//! What differs between two folders of reports: tables and texts byte for byte, figures by pixels.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use notebook::{RECORDS, read_csv_texts};

/// How many files two folders share to the last byte or pixel, and how the others differ.
#[derive(Debug)]
pub struct Compared {
    /// Names of files and folders that are left out.
    without: &'static [&'static str],
    /// Files that are the same.
    pub identical: usize,
    /// A line for each place that differs; of a table or text the first few.
    pub differences: Vec<String>,
}

impl Compared {
    /// Nothing compared yet; files and folders of these names will be left out.
    pub fn without(names: &'static [&'static str]) -> Self {
        Self { without: names, identical: 0, differences: Vec::new() }
    }

    /// Compares what lies in `folder` of both roots; names in the differences are relative to the roots.
    pub fn add(&mut self, expected: &Path, found: &Path, folder: &Path) -> anyhow::Result<()> {
        let names = [self.names(expected, folder)?, self.names(found, folder)?];
        for name in names[0].union(&names[1]) {
            let file = folder.join(name);
            if !names[1].contains(name) {
                // A run carries on what it finds among the records, and it found none where it was.
                if file.iter().any(|name| name == RECORDS) {
                    continue;
                }
                self.differences.push(format!("{}: missing", file.display()));
            } else if !names[0].contains(name) {
                self.differences.push(format!("{}: not in the committed reports", file.display()));
            } else if expected.join(&file).is_dir() {
                self.add(expected, found, &file)?;
            } else {
                self.file(expected, found, &file)?;
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

    fn file(&mut self, expected: &Path, found: &Path, file: &Path) -> anyhow::Result<()> {
        let paths = [expected.join(file), found.join(file)];
        let [expected, found] = [read(&paths[0])?, read(&paths[1])?];
        if expected == found {
            self.identical += 1;
            return Ok(());
        }
        let differing = match file.extension().and_then(|extension| extension.to_str()) {
            // Its lines only repeat what differs elsewhere.
            _ if file.ends_with("SHA256SUMS") => Vec::new(),
            Some("png") => match differing_pixels(&paths)? {
                Some(0) => {
                    self.identical += 1;
                    return Ok(());
                }
                Some(count) => vec![format!("{}: {count} pixels differ", file.display())],
                None => vec![format!("{}: another size", file.display())],
            },
            Some("csv") => match cells(&paths, file)? {
                none if none.is_empty() => lines(&expected, &found, file),
                cells => cells,
            },
            _ => lines(&expected, &found, file),
        };
        let bytes = differing.is_empty().then(|| format!("{}: other bytes", file.display()));
        self.differences.extend(differing.into_iter().chain(bytes));
        Ok(())
    }
}

/// How many places of one file are named.
const SHOWN: usize = 3;

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The first lines that differ of two texts.
fn lines(expected: &[u8], found: &[u8], file: &Path) -> Vec<String> {
    let [expected, found] = [expected, found].map(String::from_utf8_lossy);
    let lines = (1..).zip(expected.lines().zip(found.lines())).filter(|(_, (expected, found))| expected != found);
    let said = |(line, (expected, found)): (u32, (&str, &str))| {
        format!("{}:{line}: expected {:?}, found {:?}", file.display(), shorten(expected), shorten(found))
    };
    lines.take(SHOWN).map(said).collect()
}

fn shorten(line: &str) -> String {
    const MOST: usize = 120;
    if line.chars().count() <= MOST { line.to_owned() } else { line.chars().take(MOST).chain(['…']).collect() }
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
fn cells(paths: &[PathBuf; 2], file: &Path) -> anyhow::Result<Vec<String>> {
    let (expected, found) = (read_csv_texts(&paths[0])?, read_csv_texts(&paths[1])?);
    if expected.shape() != found.shape() || expected.get_column_names() != found.get_column_names() {
        return Ok(Vec::new());
    }
    let mut differing = Vec::new();
    for row in 0..expected.height() {
        for (expected, found) in expected.columns().iter().zip(found.columns()) {
            let column = expected.name();
            let [expected, found] = [expected.str()?.get(row), found.str()?.get(row)].map(Option::unwrap_or_default);
            if expected != found {
                let numbers = expected.parse().ok().zip(found.parse().ok());
                let apart =
                    numbers.map(|(expected, found): (f64, f64)| format!(" ({:.3e} apart)", (expected - found).abs()));
                let (file, line, apart) = (file.display(), row + 2, apart.unwrap_or_default());
                differing.push(format!("{file}:{line}: {column}: expected {expected}, found {found}{apart}"));
            }
        }
        if differing.len() >= SHOWN {
            differing.truncate(SHOWN);
            break;
        }
    }
    Ok(differing)
}
