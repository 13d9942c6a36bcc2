use figures::Error;

pub type Color = [u8; 3];

pub const BLUE: Color = [0, 114, 178];
pub const VERMILLION: Color = [213, 94, 0];
pub const GREEN: Color = [0, 158, 115];
pub const INK: Color = [32, 36, 42];
/// Both ends of the colour scale.
pub const LIGHT: Color = [170, 220, 50];
pub const DARK: Color = [68, 1, 84];

/// Below titles, and below legends.
pub const TITLE_END: u32 = 150;
pub const PLOT_TOP: u32 = 250;

/// The pixels of a PNG file in rows.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pixels: Vec<Color>,
}

/// Neighbouring columns with a colour, and between which rows their middle column has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Mark {
    pub fn center(&self) -> f64 {
        f64::midpoint(self.left, self.right)
    }

    pub fn middle(&self) -> f64 {
        f64::midpoint(self.top, self.bottom)
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top + 1.0
    }
}

impl Picture {
    pub fn read(png: &[u8]) -> Picture {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("the bytes are a png file");
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).expect("the bytes are a picture");
        Picture { width: frame.width, height: frame.height, pixels: bytes.as_chunks().0.to_vec() }
    }

    /// The picture of a chart that can be drawn.
    pub fn of(png: Result<Vec<u8>, Error>) -> Picture {
        Picture::read(&png.unwrap())
    }

    pub fn at(&self, column: u32, row: u32) -> Color {
        self.pixels[(row * self.width + column) as usize]
    }

    /// Column, row and colour of every pixel.
    pub fn places(&self) -> impl Iterator<Item = (u32, u32, Color)> {
        (0..).zip(&self.pixels).map(|(index, &pixel)| (index % self.width, index / self.width, pixel))
    }

    /// Rows of exactly this colour in a column, from the given row down.
    pub fn rows(&self, column: u32, color: Color, from: u32) -> Vec<u32> {
        (from..self.height).filter(|&row| self.at(column, row) == color).collect()
    }

    /// The rows between which a column has this colour.
    pub fn column(&self, column: u32, color: Color, from: u32) -> Mark {
        let rows = self.rows(column, color, from);
        let (left, right) = (f64::from(column), f64::from(column));
        Mark { left, right, top: f64::from(rows[0]), bottom: f64::from(rows[rows.len() - 1]) }
    }

    /// What has exactly this colour from the given row down, from left to right.
    pub fn marks(&self, color: Color, from: u32) -> Vec<Mark> {
        let columns: Vec<u32> = (0..self.width).filter(|&column| !self.rows(column, color, from).is_empty()).collect();
        let groups = columns.chunk_by(|one, next| one + 1 == *next).map(|group| {
            let (left, right) = (group[0], group[group.len() - 1]);
            Mark { left: left.into(), right: right.into(), ..self.column(u32::midpoint(left, right), color, from) }
        });
        groups.collect()
    }

    /// The last column of each lying bar of this colour below the legend, from the top down.
    pub fn bar_ends(&self, color: Color) -> Vec<f64> {
        let turned = (0..self.width).flat_map(|column| (0..self.height).map(move |row| self.at(column, row)));
        let turned = Picture { width: self.height, height: self.width, pixels: turned.collect() };
        let bars = turned.marks(color, 0).into_iter().filter(|bar| bar.left > f64::from(PLOT_TOP));
        let end = |row| turned.column(row, color, 0).bottom;
        bars.map(|bar| (bar.left as u32..=bar.right as u32).map(end).fold(0.0, f64::max)).collect()
    }
}
