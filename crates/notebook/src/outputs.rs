//! What the cells of a story gave, each output in the cell that called for it.

use std::cell::Cell;
use std::panic::Location;

use anyhow::bail;

use crate::cells::{CellKind, SourceCell, cells};
use crate::contents::{self, Output};

/// The program of an experiment, as [`source!`](crate::source) takes it where it is called.
#[derive(Debug, Clone, Copy)]
pub struct ProgramSource {
    /// The experiment's own folder; the workspace is two levels up.
    pub folder: &'static str,
    /// The file, relative to the workspace, as the compiler names it.
    pub file: &'static str,
    /// Its text when the program was built.
    pub text: &'static str,
}

/// The source of the program that calls it: of `main.rs`, which has the story.
#[macro_export]
macro_rules! source {
    () => {
        $crate::ProgramSource { folder: env!("CARGO_MANIFEST_DIR"), file: file!(), text: include_str!("main.rs") }
    };
}

/// Outputs on one list, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Outputs {
    file: &'static str,
    cells: Vec<SourceCell>,
    list: Vec<(&'static Location<'static>, Output)>,
    pinned: Option<&'static Location<'static>>,
    /// The last place from which the notebook was called.
    reached: Cell<Option<&'static Location<'static>>>,
}

impl Outputs {
    pub(crate) fn new(source: ProgramSource) -> anyhow::Result<Self> {
        let cells = cells(source.file, source.text)?;
        Ok(Self { file: source.file, cells, list: Vec::new(), pinned: None, reached: Cell::new(None) })
    }

    /// Where the call comes from, or the call to `within` around it.
    pub(crate) fn reach(&self, caller: &'static Location<'static>) -> &'static Location<'static> {
        let at = self.pinned.unwrap_or(caller);
        self.reached.set(Some(at));
        at
    }

    pub(crate) fn push(&mut self, caller: &'static Location<'static>, output: Output) {
        let at = self.reach(caller);
        self.list.push((at, output));
    }

    /// Takes all outputs for those of this place until they are let go again by what is returned here; a place around it
    /// stays.
    pub(crate) fn pin(&mut self, caller: &'static Location<'static>) -> Option<&'static Location<'static>> {
        let outer = self.pinned;
        self.pinned = Some(self.reach(caller));
        outer
    }

    pub(crate) fn unpin(&mut self, outer: Option<&'static Location<'static>>) {
        self.pinned = outer;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The cells with their outputs, and `last` as the output of the last code cell, definitions apart.
    ///
    /// # Errors
    /// If an output is in no cell of the story, or comes after one of a later cell.
    pub(crate) fn story(&self, last: Output) -> anyhow::Result<Vec<contents::Cell>> {
        let mut reached = 0;
        for (at, output) in &self.list {
            let Some(cell) = self.cell(at) else {
                bail!("{at}: {} is in no cell of {}: wrap the call in notebook.within there", named(output), self.file);
            };
            if cell < reached {
                let (output, later) = (named(output), &self.cells[reached].id);
                bail!("{at}: {output} comes after an output of the later cell {later}: swap the calls or the cells");
            }
            reached = cell;
        }
        let last_cell = |is: fn(&SourceCell) -> bool| self.cells.iter().rposition(is);
        match last_cell(|cell| cell.kind == CellKind::Code).or_else(|| last_cell(SourceCell::is_code)) {
            Some(cell) => Ok(self.with(cell, last)),
            None => bail!("{}: the story has no code cell: a line `// %%` begins one", self.file),
        }
    }

    /// The cells of a story that ended early, with what they gave, and the error in the cell that was reached.
    pub(crate) fn unfinished(&self, error: &anyhow::Error) -> Vec<contents::Cell> {
        let reached = self.reached.get().and_then(|at| self.cell(at));
        self.with(reached.unwrap_or(0), Output::Error(format!("{error:#}")))
    }

    /// The cells with their outputs, and one more in the cell with this number.
    fn with(&self, number: usize, last: Output) -> Vec<contents::Cell> {
        let empty = |cell: &SourceCell| contents::Cell {
            id: cell.id.clone(),
            kind: cell.kind,
            text: cell.text.clone(),
            outputs: Vec::new(),
        };
        let mut cells: Vec<contents::Cell> = self.cells.iter().map(empty).collect();
        let placed = self.list.iter().filter_map(|(at, output)| Some((self.cell(at)?, output.clone())));
        for (cell, output) in placed.chain([(number, last)]) {
            let outputs = &mut cells[cell].outputs;
            match (outputs.last_mut(), &output) {
                // What is printed in a row is one text.
                (Some(Output::Print(text)), Output::Print(more)) => text.push_str(more),
                _ => outputs.push(output),
            }
        }
        cells.iter_mut().flat_map(|cell| &mut cell.outputs).for_each(shorten);
        cells
    }

    fn cell(&self, at: &Location) -> Option<usize> {
        let has = |cell: &SourceCell| cell.is_code() && cell.lines.contains(&at.line());
        (at.file() == self.file).then(|| self.cells.iter().position(has)).flatten()
    }
}

/// The first and the last lines of a printed text that are shown if it has more.
const HEAD: usize = 40;
const TAIL: usize = 20;
/// Bytes of a line that is shown whole.
const MOST_BYTES: usize = 1000;

fn shorten(output: &mut Output) {
    let Output::Print(text) = output else { return };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines {
        if line.len() > MOST_BYTES {
            line.truncate(line.floor_char_boundary(MOST_BYTES));
            line.push('…');
        }
    }
    if lines.len() > HEAD + TAIL {
        let left_out = lines.len() - HEAD - TAIL;
        lines.splice(HEAD..HEAD + left_out, [format!("… {left_out} lines are left out …")]);
    }
    *text = lines.join("\n") + "\n";
}

/// The call that made the output, for errors.
fn named(output: &Output) -> String {
    match output {
        Output::Print(_) => "a printed line".to_owned(),
        Output::Paragraph(text) => format!("the paragraph {:?}", text.chars().take(40).collect::<String>()),
        Output::Value(name, _) => format!("the value {name}"),
        Output::Table(table) => format!("the table {}", table.name),
        Output::Figure(figure) | Output::RecordedFigure(figure) => format!("the figure {}", figure.file),
        Output::Result(_) | Output::Error(_) => "the result".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::{Outputs, ProgramSource};
    use crate::contents::Output;

    /// Outputs of a source with this file's name that has code cells from these lines on.
    fn outputs(markers: &[u32]) -> Outputs {
        let line = |line| {
            if markers.contains(&line) {
                "// %%"
            } else if markers[0] < line {
                "code();"
            } else {
                ""
            }
        };
        let text = (1..=500).map(line).collect::<Vec<_>>().join("\n");
        Outputs::new(ProgramSource { folder: "", file: file!(), text: text.leak() }).unwrap()
    }

    /// A function above the cells that calls for an output.
    fn elsewhere(outputs: &mut Outputs) {
        outputs.push(here(), paragraph("helper"));
    }

    /// A place before all cells.
    fn here() -> &'static Location<'static> {
        Location::caller()
    }

    fn paragraph(text: &str) -> Output {
        Output::Paragraph(text.to_owned())
    }

    fn texts(outputs: &Outputs) -> Vec<Vec<String>> {
        let cells = outputs.story(Output::Result("end".to_owned())).unwrap();
        cells.iter().map(|cell| cell.outputs.iter().map(|output| format!("{output:?}")).collect()).collect()
    }

    #[test]
    fn an_output_stands_in_the_cell_that_called_for_it() {
        let here = line!();
        let mut outputs = outputs(&[here - 40, here + 3, here + 6]);
        outputs.push(Location::caller(), paragraph("first"));
        // The second cell begins here.
        outputs.push(Location::caller(), Output::Print("a\n".to_owned()));
        outputs.push(Location::caller(), Output::Print("b\n".to_owned()));
        // The third cell begins here.
        let outer = outputs.pin(Location::caller());
        elsewhere(&mut outputs);
        outputs.unpin(outer);
        let found = texts(&outputs);
        assert_eq!(found[0], ["Paragraph(\"first\")"]);
        assert_eq!(found[1], ["Print(\"a\\nb\\n\")"]);
        assert_eq!(found[2], ["Paragraph(\"helper\")", "Result(\"end\")"]);
    }

    #[test]
    fn an_output_out_of_order_or_place_is_refused() {
        let here = line!();
        let mut late = outputs(&[here - 40, here + 4]);
        let first = Location::caller();
        late.push(first, paragraph("one"));
        late.push(Location::caller(), paragraph("two"));
        late.push(first, paragraph("one again"));
        let error = late.story(paragraph("end")).unwrap_err().to_string();
        assert!(error.contains("the paragraph \"one again\" comes after an output of the later cell"), "{error}");
        let mut nowhere = outputs(&[here]);
        elsewhere(&mut nowhere);
        let error = nowhere.story(paragraph("end")).unwrap_err().to_string();
        assert!(error.contains("is in no cell of") && error.contains("notebook.within"), "{error}");
    }

    #[test]
    fn a_story_that_ends_early_has_its_error_where_it_was() {
        let here = line!();
        let mut outputs = outputs(&[here - 40, here + 3, here + 5]);
        outputs.push(Location::caller(), paragraph("first"));
        // The second cell is reached, and gives nothing.
        outputs.reach(Location::caller());
        let cells = outputs.unfinished(&anyhow::anyhow!("it broke"));
        let counts: Vec<usize> = cells.iter().map(|cell| cell.outputs.len()).collect();
        assert_eq!(counts, [1, 1, 0]);
        assert!(matches!(&cells[1].outputs[0], Output::Error(error) if error == "it broke"));
    }

    #[test]
    fn long_prints_are_cut_in_the_middle() {
        let here = line!();
        let mut outputs = outputs(&[here]);
        let lines: Vec<String> = (1..=100).map(|line| line.to_string()).collect();
        outputs.push(Location::caller(), Output::Print(lines.join("\n")));
        let cells = outputs.story(paragraph("end")).unwrap();
        let Output::Print(text) = &cells[0].outputs[0] else { panic!("what was printed comes first") };
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[39], lines[40], lines[41]), (61, "40", "… 40 lines are left out …", "81"));
    }
}
