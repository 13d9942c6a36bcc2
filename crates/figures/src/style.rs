//! The house style: sizes, colours, markers and dashes.

pub use plotters::style::RGBColor as Color;

/// Width of every figure in pixels.
pub const WIDTH: u32 = 1800;
/// Height of a figure in pixels; more is added only when a legend or a list is long.
pub const HEIGHT: u32 = 1100;
/// Empty border left, right and on top, in pixels.
pub const MARGIN: f64 = 60.0;

/// Type sizes in pixels.
pub const TITLE_SIZE: f32 = 44.0;
/// Size of the line under the title and of axis labels.
pub const LABEL_SIZE: f32 = 30.0;
/// Size of the legend and of text inside the plot.
pub const LEGEND_SIZE: f32 = 28.0;
/// Size of tick labels and notes.
pub const TICK_SIZE: f32 = 26.0;

/// Background.
pub const WHITE: Color = Color(255, 255, 255);
/// Titles, labels and axes.
pub const INK: Color = Color(32, 36, 42);
/// Subtitles and notes.
pub const MUTED: Color = Color(100, 108, 118);
/// Grid lines at labelled ticks.
pub const GRID: Color = Color(218, 222, 228);
/// Grid lines between labelled ticks.
pub const MINOR_GRID: Color = Color(238, 240, 244);
/// Reference lines: identity and zero.
pub const REFERENCE: Color = Color(120, 128, 138);

/// Okabe and Ito's blue: the data.
pub const BLUE: Color = Color(0, 114, 178);
/// Okabe and Ito's vermillion: what is pointed out.
pub const VERMILLION: Color = Color(213, 94, 0);

/// What others have, beside what is our own in blue.
pub const GREY_BLUE: Color = Color(158, 174, 193);

/// What is exactly zero, where zero is pointed out: pale, and far from every colour of the ramp.
pub const ZERO: Color = Color(219, 234, 247);
/// Where a value is missing.
pub const MISSING: Color = Color(205, 207, 210);

/// From small to large: viridis from its light end to its dark one, without the palest yellow.
const RAMP: [Color; 8] = [
    Color(170, 220, 50),
    Color(94, 201, 98),
    Color(39, 173, 129),
    Color(33, 145, 140),
    Color(44, 113, 142),
    Color(59, 82, 139),
    Color(71, 44, 122),
    Color(68, 1, 84),
];

/// A colour scale has so many steps; a picture with finer ones has more colours than its palette.
const RAMP_STEPS: f64 = 24.0;

/// The colour of a value that lies at `fraction` of a colour scale.
pub fn ramp(fraction: f64) -> Color {
    let fraction = (fraction.clamp(0.0, 1.0) * RAMP_STEPS).round() / RAMP_STEPS;
    let place = fraction * (RAMP.len() - 1) as f64;
    let below = (place.floor() as usize).min(RAMP.len() - 2);
    mixed(RAMP[below], RAMP[below + 1], place - below as f64)
}

/// A `share` of `color` on white.
pub fn paler(color: Color, share: f64) -> Color {
    mixed(WHITE, color, share)
}

fn mixed(from: Color, to: Color, share: f64) -> Color {
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
    Color(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Colours of several series, in order: Okabe and Ito's palette without its yellow, which is too
/// pale on white.
const SERIES: [Color; 7] = [
    BLUE,
    VERMILLION,
    Color(0, 158, 115),
    Color(204, 121, 167),
    Color(230, 159, 0),
    Color(86, 180, 233),
    Color(0, 0, 0),
];

/// The shape of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A triangle on its base.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A triangle on its tip.
    TriangleDown,
    /// Two diagonal strokes.
    Cross,
    /// Two upright strokes.
    Plus,
}

const SHAPES: [Shape; 7] =
    [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond, Shape::TriangleDown, Shape::Cross, Shape::Plus];

/// How a point is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Marker {
    /// The shape.
    pub shape: Shape,
    /// The colour.
    pub color: Color,
    /// The radius in pixels.
    pub radius: f64,
    /// Whether only its outline is drawn.
    pub hollow: bool,
    /// A thin white rim keeps neighbours apart; a stem needs none.
    pub rim: bool,
}

impl Marker {
    /// A filled circle without a rim.
    pub const fn circle(color: Color, radius: f64) -> Marker {
        Marker { shape: Shape::Circle, color, radius, hollow: false, rim: false }
    }
}

/// A single value that is drawn over a line.
pub const RING: Marker = Marker { shape: Shape::Circle, color: INK, radius: 11.0, hollow: true, rim: false };

/// Lengths of strokes and gaps in pixels, in turn; empty for a solid line.
pub type Dash = &'static [f64];

const SOLID: Dash = &[];
/// Short strokes, for reference lines.
pub const DASHED: Dash = &[14.0, 9.0];

const DASHES: [Dash; 5] = [SOLID, &[22.0, 10.0], &[5.0, 9.0], &[26.0, 9.0, 5.0, 9.0], &[42.0, 12.0]];

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// The colour.
    pub color: Color,
    /// The width in pixels.
    pub width: f64,
    /// Its strokes and gaps.
    pub dash: Dash,
}

impl Stroke {
    /// The line of the series at `index` over so many epochs: a long one is drawn thinner, so that its noise stays
    /// visible.
    pub fn by_epoch(index: usize, epochs: usize) -> Stroke {
        Stroke { width: if epochs > 500 { 3.0 } else { 4.0 }, ..series(index).0 }
    }

    /// A line without gaps.
    pub fn solid(color: Color, width: f64) -> Stroke {
        Stroke { color, width, dash: SOLID }
    }
}

/// Line and marker of the series at `index`: colour, shape and dash all differ between neighbours.
pub fn series(index: usize) -> (Stroke, Marker) {
    let color = SERIES[index % SERIES.len()];
    let stroke = Stroke { color, width: 4.0, dash: DASHES[index % DASHES.len()] };
    let marker = Marker { shape: SHAPES[index % SHAPES.len()], color, radius: 10.0, hollow: false, rim: true };
    (stroke, marker)
}
