//! The embedded font: measuring and fitting text.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

/// Height of a capital letter as a share of the type size.
const CAP_HEIGHT: f32 = 2048.0 / 2816.0;

/// The two weights of the house font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

impl Weight {
    /// The parsed font; each file is read once.
    pub fn font(self) -> &'static FontRef<'static> {
        static REGULAR: OnceLock<FontRef<'static>> = OnceLock::new();
        static SEMI_BOLD: OnceLock<FontRef<'static>> = OnceLock::new();
        let (cell, bytes): (_, &'static [u8]) = match self {
            Weight::Regular => (&REGULAR, include_bytes!("../fonts/Inter-Regular.otf")),
            Weight::SemiBold => (&SEMI_BOLD, include_bytes!("../fonts/Inter-SemiBold.otf")),
        };
        cell.get_or_init(|| FontRef::try_from_slice(bytes).expect("the embedded font is a font"))
    }
}

/// Appends `letter` in letters that the font has: itself, else its sound or name in Latin letters, else its code.
fn spell(letter: char, weight: Weight, spelled: &mut String) {
    let font = weight.font();
    if font.glyph_id(letter).0 != 0 {
        spelled.push(letter);
    } else if let Some(latin) = deunicode::deunicode_char(letter)
        && !letter.is_control()
        && !latin.contains(char::is_control)
    {
        spelled.push_str(latin);
    } else {
        spelled.extend(letter.escape_unicode());
    }
}

/// Places the letters of `text` along a baseline from the origin; also returns the whole width. Where the font lacks a
/// letter, others stand for it, never an empty box.
pub fn layout(text: &str, weight: Weight, size: f32) -> (Vec<Glyph>, f32) {
    let font = weight.font();
    let units = font.units_per_em().unwrap_or(1000.0);
    let scaled = font.as_scaled(PxScale::from(size * font.height_unscaled() / units));
    let mut glyphs = Vec::new();
    let mut x = 0.0;
    let mut spelled = String::with_capacity(text.len());
    text.chars().for_each(|letter| spell(letter, weight, &mut spelled));
    for character in spelled.chars() {
        let id = scaled.glyph_id(character);
        glyphs.push(id.with_scale_and_position(scaled.scale(), point(x, 0.0)));
        x += scaled.h_advance(id);
    }
    (glyphs, x)
}

/// Width of `text` in pixels.
pub fn width(text: &str, weight: Weight, size: f32) -> f64 {
    f64::from(layout(text, weight, size).1)
}

/// Height of a capital letter in pixels.
pub fn cap_height(size: f32) -> f64 {
    f64::from(size * CAP_HEIGHT)
}

/// Cuts `text` with an ellipsis where it is wider than `room`.
pub fn shorten(text: &str, weight: Weight, size: f32, room: f64) -> String {
    if width(text, weight, size) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter = format!("{}…", kept.iter().collect::<String>().trim_end());
        if width(&shorter, weight, size) <= room {
            return shorter;
        }
    }
    String::new()
}

/// The largest size from `size` down to `smallest` at which `text` fits into `room`; below that
/// the text is cut.
pub fn fit(text: &str, weight: Weight, size: f32, smallest: f32, room: f64) -> (String, f32) {
    let mut size = size;
    while size > smallest && width(text, weight, size) > room {
        size -= 1.0;
    }
    (shorten(text, weight, size, room), size)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// No letter that there is becomes the box of a letter that the font lacks.
    #[test]
    fn every_letter_is_drawn_in_letters_that_the_font_has() {
        for weight in [Weight::Regular, Weight::SemiBold] {
            let mut spelled = String::new();
            ('\0'..=char::MAX).for_each(|letter| spell(letter, weight, &mut spelled));
            let letters: BTreeSet<char> = spelled.chars().collect();
            let lacking: Vec<char> =
                letters.into_iter().filter(|letter| weight.font().glyph_id(*letter).0 == 0).collect();
            assert_eq!(lacking, []);
        }
    }

    /// What the font has stays as it is; other letters are spelled by their sound, and what has none by its code.
    #[test]
    fn letters_are_spelled() {
        let spelled = |text: &str| {
            let mut spelled = String::new();
            text.chars().for_each(|letter| spell(letter, Weight::Regular, &mut spelled));
            spelled
        };
        assert_eq!(spelled("Größe √(x/2) · 10⁻⁵ µs → β₁"), "Größe √(x/2) · 10⁻⁵ µs → β₁");
        assert_eq!(spelled("숨은 ReLU"), "sumeun ReLU");
        assert_eq!(spelled("скрытый слой"), "skrytyi sloi");
        assert_eq!(spelled("a\u{1b}\u{e000}"), "a\\u{1b}\\u{e000}");
    }
}
