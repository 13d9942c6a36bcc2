//! A picture as a PNG file with a palette: a third of the bytes, and most pictures have few colours.

use std::collections::HashMap;

use crate::Error;

/// Colours that a palette can have.
const MOST: usize = 256;

/// Red, green and blue.
pub type Pixel = [u8; 3];

/// Writes rows of `width` pixels. Of at most 256 colours every pixel keeps its own; more are divided by median cut, and
/// each pixel gets the commonest colour of its part.
pub fn encode(pixels: &[Pixel], width: u32) -> Result<Vec<u8>, Error> {
    let runs = || pixels.chunk_by(|one, other| one == other);
    let mut counts: HashMap<Pixel, u64> = HashMap::new();
    runs().for_each(|run| *counts.entry(run[0]).or_default() += run.len() as u64);
    let mut parts = vec![Part::new(counts.into_iter().collect())];
    while parts.len() < MOST {
        let widest = (0..parts.len()).max_by_key(|&place| parts[place].weight).filter(|&place| parts[place].weight > 0);
        let Some(place) = widest else { break };
        let halves = parts.swap_remove(place).halves();
        parts.extend(halves);
    }
    let mut places = HashMap::new();
    let mut palette = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let commonest = part.colors.iter().max_by_key(|(color, count)| (*count, *color));
        palette.extend(commonest.map(|(color, _)| *color).unwrap_or_default());
        places.extend(part.colors.iter().map(|(color, _)| (*color, place as u8)));
    }
    let indices = runs().flat_map(|run| std::iter::repeat_n(places[&run[0]], run.len())).collect::<Vec<u8>>();

    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, indices.len() as u32 / width);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indices)?;
    writer.finish()?;
    Ok(file)
}

/// Colours that will share one, each with the number of its pixels.
struct Part {
    colors: Vec<(Pixel, u64)>,
    /// The channel in which they differ most, and how much is gained where they are divided there.
    channel: usize,
    weight: u64,
}

impl Part {
    fn new(colors: Vec<(Pixel, u64)>) -> Part {
        let pixels: u64 = colors.iter().map(|color| color.1).sum();
        let spread = |channel: usize| {
            let values = || colors.iter().map(|color| u64::from(color.0[channel]));
            values().max().unwrap_or(0) - values().min().unwrap_or(0)
        };
        let (spread, channel) = (0..3).map(|channel| (spread(channel), channel)).max().unwrap_or_default();
        Part { colors, channel, weight: spread * spread * pixels }
    }

    /// Two parts with about as many pixels each, the first with the smaller values.
    fn halves(mut self) -> [Part; 2] {
        self.colors.sort_unstable_by_key(|(color, _)| (color[self.channel], *color));
        let half = self.colors.iter().map(|color| color.1).sum::<u64>() / 2;
        let mut before = 0;
        let middle = self.colors.iter().position(|color| {
            before += color.1;
            before > half
        });
        let upper = self.colors.split_off(middle.unwrap_or(0).max(1));
        [Part::new(self.colors), Part::new(upper)]
    }
}
