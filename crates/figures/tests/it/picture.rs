use image::RgbImage;

pub const BLUE: [u8; 3] = [0, 114, 178];
pub const VERMILLION: [u8; 3] = [213, 94, 0];
pub const GREEN: [u8; 3] = [0, 158, 115];
pub const INK: [u8; 3] = [32, 36, 42];

/// Below titles and legends.
pub const PLOT_TOP: u32 = 250;

pub fn read(png: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(png, image::ImageFormat::Png).expect("the bytes are a png file").to_rgb8()
}

/// Rows of exactly this colour in a column, from the given row down.
pub fn rows(picture: &RgbImage, column: u32, color: [u8; 3], from: u32) -> Vec<u32> {
    (from..picture.height()).filter(|&row| picture.get_pixel(column, row).0 == color).collect()
}

/// Neighbouring columns with this colour, as pairs of first and last.
pub fn column_groups(picture: &RgbImage, color: [u8; 3], from: u32) -> Vec<(u32, u32)> {
    let mut groups: Vec<(u32, u32)> = Vec::new();
    for column in 0..picture.width() {
        if rows(picture, column, color, from).is_empty() {
            continue;
        }
        match groups.last_mut() {
            Some(group) if group.1 + 1 == column => group.1 = column,
            _ => groups.push((column, column)),
        }
    }
    groups
}

/// The middle between the first and the last.
pub fn middle(values: &[u32]) -> f64 {
    let (first, last) = (values[0], values[values.len() - 1]);
    f64::midpoint(f64::from(first), f64::from(last))
}

/// The last column with this colour in each group of rows, from the top down.
pub fn row_ends(picture: &RgbImage, color: [u8; 3]) -> Vec<u32> {
    let mut ends: Vec<(u32, u32)> = Vec::new();
    for row in PLOT_TOP..picture.height() {
        let Some(end) = (0..picture.width()).rev().find(|&x| picture.get_pixel(x, row).0 == color) else {
            continue;
        };
        match ends.last_mut() {
            Some(group) if group.0 + 1 == row => *group = (row, group.1.max(end)),
            _ => ends.push((row, end)),
        }
    }
    ends.into_iter().map(|group| group.1).collect()
}
