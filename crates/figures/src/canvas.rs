//! The picture being drawn: shapes at three times the final size, letters at the final size, PNG.
//!
//! Shapes are rasterised by plotters and averaged down, which smooths every edge; text is drawn
//! last, so nothing ever covers a letter.

use std::cell::Cell;

use ab_glyph::Font;
use plotters::prelude::{BitMapBackend, DrawingBackend};

use crate::Error;
use crate::font::{self, Weight};
use crate::png::{self, Pixel};
use crate::style::{Color, Marker, Shape, Stroke, WHITE, WIDTH};

/// Shapes are drawn this many times larger than they end up.
const SCALE: u32 = 3;
/// Why drawing cannot fail.
const IN_MEMORY: &str = "a picture in memory can be drawn on";
/// Steps of coverage at the edges of letters.
const LETTER_STEPS: f32 = 16.0;

thread_local! {
    /// The shapes of the last picture, whose memory the next one takes: the system gives 60 MB no faster than they are drawn on.
    static LAST: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A position in pixels of the final picture.
pub type Position = (f64, f64);

/// Which part of a text its position names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Its left end.
    Left,
    /// Its middle.
    Center,
    /// Its right end.
    Right,
}

/// A line of text; its position is on the baseline.
#[derive(Debug, Clone)]
pub struct Text {
    pub content: String,
    pub at: Position,
    pub size: f32,
    pub weight: Weight,
    pub color: Color,
    pub align: Align,
    /// Reads from bottom to top.
    pub is_upright: bool,
}

impl Text {
    /// A horizontal line of regular text.
    pub fn new(content: impl Into<String>, at: Position, size: f32, color: Color, align: Align) -> Text {
        Text { content: content.into(), at, size, weight: Weight::Regular, color, align, is_upright: false }
    }
}

/// Shapes and texts of one figure.
pub struct Canvas {
    height: u32,
    shapes: Vec<u8>,
    texts: Vec<Text>,
}

impl Canvas {
    /// A white picture of the house width and the given height.
    pub(crate) fn new(height: u32) -> Canvas {
        let mut shapes = LAST.take();
        shapes.clear();
        shapes.resize(3 * (WIDTH * SCALE) as usize * (height * SCALE) as usize, WHITE.0);
        Canvas { height, shapes, texts: Vec::new() }
    }

    /// Adds a line of text.
    pub(crate) fn text(&mut self, text: Text) {
        self.texts.push(text);
    }

    /// Fills a rectangle.
    pub fn rectangle(&mut self, from: Position, to: Position, color: Color) {
        self.backend().draw_rect(enlarged(from), enlarged(to), &color, true).expect(IN_MEMORY);
    }

    /// Fills a convex polygon.
    fn polygon(&mut self, corners: &[Position], color: Color) {
        self.backend().fill_polygon(corners.iter().map(|&corner| enlarged(corner)), &color).expect(IN_MEMORY);
    }

    /// Fills a circle.
    fn circle(&mut self, center: Position, radius: f64, color: Color) {
        let radius = (radius * f64::from(SCALE)).round().max(1.0) as u32;
        self.backend().draw_circle(enlarged(center), radius, &color, true).expect(IN_MEMORY);
    }

    /// Draws a line through `points`, with round joins and ends.
    pub fn line(&mut self, points: &[Position], stroke: Stroke) {
        let mut pen = Pen::new(stroke);
        let mut end = None;
        for pair in points.windows(2) {
            for (from, to) in pen.strokes(pair[0], pair[1]) {
                if end != Some(from) {
                    self.circle(from, stroke.width / 2.0, stroke.color);
                }
                self.segment(from, to, stroke);
                end = Some(to);
            }
        }
    }

    /// Draws a line with a cap at each end, which reaches `cap` pixels across and up to both sides.
    pub fn whisker(&mut self, ends: [Position; 2], cap: Position, stroke: Stroke) {
        self.line(&ends, stroke);
        for (x, y) in ends {
            self.line(&[(x - cap.0, y - cap.1), (x + cap.0, y + cap.1)], stroke);
        }
    }

    /// A straight line, round at its end.
    fn segment(&mut self, from: Position, to: Position, stroke: Stroke) {
        let half = stroke.width / 2.0;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        if length > 0.0 {
            let (nx, ny) = (-dy / length * half, dx / length * half);
            let corners = [
                (from.0 + nx, from.1 + ny),
                (to.0 + nx, to.1 + ny),
                (to.0 - nx, to.1 - ny),
                (from.0 - nx, from.1 - ny),
            ];
            self.polygon(&corners, stroke.color);
        }
        self.circle(to, half, stroke.color);
    }

    /// Mixes a `share` of `color` into everything between two edges, given as triples (horizontal
    /// position, upper edge, lower edge) from left to right.
    pub fn tint(&mut self, edges: &[(f64, f64, f64)], color: Color, share: f32) {
        let scale = f64::from(SCALE);
        let pixel = |at: f64, most: u32| (at * scale).round().clamp(0.0, f64::from(most * SCALE)) as usize;
        for pair in edges.windows(2) {
            let [(left, top_left, bottom_left), (right, top_right, bottom_right)] = [pair[0], pair[1]];
            for x in pixel(left, WIDTH)..pixel(right, WIDTH) {
                let way = ((x as f64 + 0.5) / scale - left) / (right - left);
                let top = top_left + (top_right - top_left) * way;
                let bottom = bottom_left + (bottom_right - bottom_left) * way;
                for y in pixel(top, self.height)..pixel(bottom, self.height) {
                    let start = 3 * (y * (WIDTH * SCALE) as usize + x);
                    blend(&mut self.shapes[start..start + 3], color, share);
                }
            }
        }
    }

    /// Draws a marker.
    pub fn marker(&mut self, at: Position, marker: Marker) {
        let radius = marker.radius;
        if marker.hollow {
            let wall = (radius * 0.32).max(2.5);
            self.shape(at, marker.shape, radius, marker.color);
            self.shape(at, marker.shape, radius - wall, WHITE);
        } else {
            if marker.rim {
                let rim = (radius * 0.2).min(2.0);
                self.shape(at, marker.shape, radius + rim, WHITE);
            }
            self.shape(at, marker.shape, radius, marker.color);
        }
    }

    fn shape(&mut self, (x, y): Position, shape: Shape, radius: f64, color: Color) {
        let side = radius * 0.9;
        let (wide, tall) = (radius * 1.1, radius * 0.95);
        let arm = radius * 0.36;
        match shape {
            Shape::Circle => self.circle((x, y), radius, color),
            Shape::Square => self.rectangle((x - side, y - side), (x + side, y + side), color),
            Shape::Triangle => self.polygon(&[(x - wide, y + tall), (x + wide, y + tall), (x, y - tall)], color),
            Shape::TriangleDown => self.polygon(&[(x - wide, y - tall), (x + wide, y - tall), (x, y + tall)], color),
            Shape::Diamond => {
                let reach = radius * 1.2;
                self.polygon(&[(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], color);
            }
            Shape::Plus => {
                let reach = radius * 1.1;
                self.rectangle((x - reach, y - arm), (x + reach, y + arm), color);
                self.rectangle((x - arm, y - reach), (x + arm, y + reach), color);
            }
            Shape::Cross => {
                let reach = radius * 0.8;
                let stroke = Stroke::solid(color, 2.0 * arm);
                self.line(&[(x - reach, y - reach), (x + reach, y + reach)], stroke);
                self.line(&[(x - reach, y + reach), (x + reach, y - reach)], stroke);
            }
        }
    }

    /// Averages the shapes down, draws the texts and writes the picture as PNG.
    pub(crate) fn into_png(self) -> Result<Vec<u8>, Error> {
        let mut pixels = self.averaged();
        LAST.set(self.shapes);
        for text in &self.texts {
            draw_text(&mut pixels, self.height, text);
        }
        png::encode(&pixels, WIDTH)
    }

    fn averaged(&self) -> Vec<Pixel> {
        const SIDE: usize = SCALE as usize;
        let row = 3 * WIDTH as usize * SIDE;
        let mut pixels = Vec::with_capacity((WIDTH * self.height) as usize);
        let mut sums = vec![0_u16; row];
        for rows in self.shapes.chunks_exact(row * SIDE) {
            sums.fill(0);
            for line in rows.chunks_exact(row) {
                sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += u16::from(*value));
            }
            let mean = |of: &[u16], channel: usize| {
                let sum: u16 = (0..SIDE).map(|column| of[3 * column + channel]).sum();
                ((sum + (SIDE * SIDE / 2) as u16) / (SIDE * SIDE) as u16) as u8
            };
            pixels.extend(sums.chunks_exact(3 * SIDE).map(|of| [mean(of, 0), mean(of, 1), mean(of, 2)]));
        }
        pixels
    }

    fn backend(&mut self) -> BitMapBackend<'_> {
        BitMapBackend::with_buffer(&mut self.shapes, (WIDTH * SCALE, self.height * SCALE))
    }
}

/// Cuts a line into its dashes, also across corners.
struct Pen {
    stroke: Stroke,
    piece: usize,
    left: f64,
}

impl Pen {
    fn new(stroke: Stroke) -> Pen {
        let left = stroke.dash.first().copied().unwrap_or(f64::INFINITY);
        Pen { stroke, piece: 0, left }
    }

    /// The drawn parts of the way between two positions.
    fn strokes(&mut self, from: Position, to: Position) -> Vec<(Position, Position)> {
        if self.stroke.dash.is_empty() {
            return vec![(from, to)];
        }
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        let at = |way: f64| (from.0 + dx * way / length, from.1 + dy * way / length);
        let mut drawn = Vec::new();
        let mut way = 0.0;
        while way < length {
            let end = (way + self.left).min(length);
            if self.piece.is_multiple_of(2) {
                drawn.push((at(way), at(end)));
            }
            self.left -= end - way;
            if self.left < 1e-6 {
                self.piece = (self.piece + 1) % self.stroke.dash.len();
                self.left = self.stroke.dash[self.piece];
            }
            way = end;
        }
        drawn
    }
}

fn draw_text(pixels: &mut [Pixel], height: u32, text: &Text) {
    let font = text.weight.font();
    let (glyphs, width) = font::layout(&text.content, text.weight, text.size);
    let shift = match text.align {
        Align::Left => 0,
        Align::Center => (width / 2.0).round() as i64,
        Align::Right => width.round() as i64,
    };
    let (x, y) = (text.at.0.round() as i64, text.at.1.round() as i64);
    for glyph in glyphs {
        let Some(outline) = font.outline_glyph(glyph) else {
            continue;
        };
        let bounds = outline.px_bounds();
        let (left, top) = (bounds.min.x as i64 - shift, bounds.min.y as i64);
        outline.draw(|column, row, coverage| {
            let (along, down) = (left + i64::from(column), top + i64::from(row));
            let (px, py) = if text.is_upright { (x + down, y - along) } else { (x + along, y + down) };
            if (0..i64::from(WIDTH)).contains(&px) && (0..i64::from(height)).contains(&py) {
                // Few steps of coverage are few colours.
                let coverage = (coverage * LETTER_STEPS).round() / LETTER_STEPS;
                blend(&mut pixels[py as usize * WIDTH as usize + px as usize], text.color, coverage);
            }
        });
    }
}

fn blend(pixel: &mut [u8], Color(red, green, blue): Color, coverage: f32) {
    let share = (coverage.clamp(0.0, 1.0) * 255.0).round() as u32;
    for (channel, ink) in pixel.iter_mut().zip([red, green, blue]) {
        let mixed = u32::from(*channel) * (255 - share) + u32::from(ink) * share;
        *channel = ((mixed + 127) / 255) as u8;
    }
}

/// From final pixels to the larger picture the shapes are drawn on.
fn enlarged((x, y): Position) -> (i32, i32) {
    let enlarge = |value: f64| (value * f64::from(SCALE)).round() as i32;
    (enlarge(x), enlarge(y))
}
