//! Digits as pictures.

use anyhow::Context as _;
use dataset::{Dataset, Rows};
use figures::Picture;
use notebook::Notebook;

/// Digits of each class in the first figure.
const A_CLASS: usize = 4;

/// The pixels of every row as they are in the file.
fn pixels(data: &Dataset, rows: &Rows) -> anyhow::Result<Vec<Vec<f64>>> {
    let column = |name: &String| rows.values(name).with_context(|| format!("{name} is no number"));
    let columns = data.features.iter().map(column).collect::<anyhow::Result<Vec<_>>>()?;
    Ok((0..rows.labels.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect())
}

/// The first digits of each class as pictures, `width` pixels wide.
///
/// # Errors
/// If a feature is no number, or the figure cannot be drawn or written.
#[track_caller]
pub fn training_digits(notebook: &mut Notebook, data: &Dataset, width: usize) -> anyhow::Result<()> {
    let all = pixels(data, &data.train)?;
    let of_class = |class: usize| (0..all.len()).filter(move |row| data.train.labels[*row] == class as f64);
    let mut pictures = Vec::new();
    for number in 0..A_CLASS {
        for (class, name) in data.classes().iter().enumerate() {
            pictures.extend(of_class(class).nth(number).map(|row| Picture { name, pixels: &all[row], width }));
        }
    }
    let caption = "The first training digits of each class";
    notebook.figure("training_digits", caption, figures::pictures(caption, &notebook.name(), &pictures))
}

/// The test digits that are not what they were read as, as pictures, and their numbers.
///
/// # Errors
/// As [`training_digits`].
#[track_caller]
pub fn wrong_digits(
    notebook: &mut Notebook,
    data: &Dataset,
    read: &[usize],
    width: usize,
) -> anyhow::Result<Vec<usize>> {
    let labels = &data.test.labels;
    let names = data.classes();
    let all = pixels(data, &data.test)?;
    let is_wrong = |row: &usize| read[*row] as f64 != labels[*row];
    let wrong: Vec<usize> = (0..all.len()).filter(is_wrong).collect();
    let captions: Vec<String> =
        wrong.iter().map(|row| format!("{} read as {}", names[labels[*row] as usize], names[read[*row]])).collect();
    let pictures: Vec<Picture> =
        wrong.iter().zip(&captions).map(|(row, name)| Picture { name, pixels: &all[*row], width }).collect();
    let caption = "The test digits that the network from the first seed reads wrongly";
    if pictures.is_empty() {
        notebook.paragraph("The network from the first seed reads every test digit right.");
    } else {
        notebook.figure("wrong_digits", caption, figures::pictures(caption, &notebook.name(), &pictures))?;
    }
    Ok(wrong)
}
