//! Numbers as text, medians, powers of ten and the steps of axes, without the system's mathematical library.

/// The exponent of the first digit: 3.2e-5 gives -5. Zero gives 0.
pub fn exponent(value: f64) -> i32 {
    format!("{value:e}").split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// `digit` × 10^`exponent`, correctly rounded.
pub fn decimal(digit: u32, exponent: i32) -> f64 {
    format!("{digit}e{exponent}").parse().expect("a digit and an exponent are a number")
}

/// 10^`exponent` as text: `10⁻⁵`.
pub fn power(exponent: i32) -> String {
    let raised: String = exponent.to_string().chars().map(superscript).collect();
    format!("10{raised}")
}

/// The median of sorted numbers; none if there are none.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    Some(f64::midpoint(sorted[(sorted.len() - 1) / 2], upper))
}

/// With four significant digits: `0.01234`, `1.234×10⁻⁵`.
pub fn four_digits(value: f64) -> String {
    if !value.is_finite() {
        return "not finite".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let rounded = format!("{value:.3e}");
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = if (-3..5).contains(&exponent) {
        let decimals = usize::try_from(3 - exponent).unwrap_or(0);
        format!("{value:.decimals$}")
    } else {
        format!("{mantissa}×{}", power(exponent))
    };
    minus(&text)
}

/// With all its digits where these are few, and commas between thousands: `1,024`, `0.003`;
/// otherwise with four significant digits.
pub fn exact(value: f64) -> String {
    let rounded = format!("{value:.6e}").parse().unwrap_or(value);
    if rounded == value { plain(value) } else { four_digits(value) }
}

/// With at most this many significant digits and commas between thousands: `0.18`, `12.5`, `8,900`.
pub fn significant(value: f64, digits: usize) -> String {
    plain(format!("{value:.decimals$e}", decimals = digits - 1).parse().unwrap_or(value))
}

fn plain(value: f64) -> String {
    let size = exponent(value);
    if !value.is_finite() {
        return four_digits(value);
    } else if !(-4..9).contains(&size) {
        let mantissa = format!("{value:e}");
        return minus(&format!("{}×{}", mantissa.split('e').next().unwrap_or_default(), power(size)));
    }
    let text = value.to_string();
    let (whole, decimals) = text.split_once('.').map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let whole = grouped(whole);
    minus(&decimals.map_or(whole.clone(), |decimals| format!("{whole}.{decimals}")))
}

/// Commas between the thousands of a whole number.
fn grouped(whole: &str) -> String {
    let digits = whole.trim_start_matches('-').len();
    let sign = whole.len() - digits;
    whole.char_indices().fold(String::new(), |mut text, (index, digit)| {
        if index > sign && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
        text
    })
}

/// Writes a proper minus sign.
pub fn minus(text: &str) -> String {
    text.replace('-', "−")
}

fn superscript(character: char) -> char {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    character.to_digit(10).map_or('⁻', |digit| digits[digit as usize])
}

/// The distance between two ticks: 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub digit: u32,
    pub exponent: i32,
}

impl Step {
    /// The smallest step that is at least `distance`.
    pub fn covering(distance: f64) -> Step {
        let start = exponent(distance);
        [(1, start), (2, start), (5, start)]
            .into_iter()
            .map(|(digit, exponent)| Step { digit, exponent })
            .find(|step| decimal(step.digit, step.exponent) >= distance)
            .unwrap_or(Step { digit: 1, exponent: start + 1 })
    }

    pub fn value(self, number: i64) -> f64 {
        self.label(number).replace('−', "-").parse().expect("a label is a number")
    }

    /// Number of the last step at or below `value`.
    pub fn below(self, value: f64) -> i64 {
        (value / decimal(self.digit, self.exponent) + 1e-9).floor() as i64
    }

    /// Number of the first step at or above `value`.
    pub fn above(self, value: f64) -> i64 {
        (value / decimal(self.digit, self.exponent) - 1e-9).ceil() as i64
    }

    pub fn label(self, number: i64) -> String {
        let units = i128::from(number) * i128::from(self.digit);
        if self.exponent >= 0 {
            let zeros = if units == 0 { 0 } else { self.exponent as usize };
            return minus(&format!("{units}{}", "0".repeat(zeros)));
        }
        let decimals = self.exponent.unsigned_abs() as usize;
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        format!("{}{whole}.{part}", if units < 0 { "−" } else { "" })
    }
}
