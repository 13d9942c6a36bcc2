//! What a scalar means: YAML 1.2's core schema, without guesses about leading zeros.

/// A scalar as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    pub text: String,
    /// Without quotes; quoted scalars are always text.
    pub plain: bool,
}

/// What a scalar means where the field does not ask for text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    Nothing,
    Bool(bool),
    /// A whole number, held at the ends of the range if it is larger.
    Whole(i128),
    Float(f64),
    /// A number with a leading zero: octal to some readers, decimal to others.
    LeadingZero,
    Text,
}

impl Scalar {
    pub fn meaning(&self) -> Meaning {
        if !self.plain {
            return Meaning::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Nothing,
            "true" | "True" | "TRUE" => Meaning::Bool(true),
            "false" | "False" | "FALSE" => Meaning::Bool(false),
            ".nan" | ".NaN" | ".NAN" => Meaning::Float(f64::NAN),
            text => number(text),
        }
    }

    /// The scalar in the words of an error.
    pub fn describe(&self) -> String {
        match self.meaning() {
            Meaning::Nothing if self.text.is_empty() => "nothing".to_owned(),
            Meaning::Text => format!("the text {}", quote(&self.text)),
            _ => shorten(&self.text),
        }
    }
}

/// A text in quotes, on one line and at most 40 characters long.
pub fn quote(text: &str) -> String {
    format!("{:?}", shorten(text))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(39).collect();
    short.push('…');
    short
}

fn number(text: &str) -> Meaning {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Meaning::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            return Meaning::Whole(i128::from_str_radix(digits, radix).unwrap_or(i128::MAX));
        }
    }
    if !is_decimal(unsigned) {
        return Meaning::Text;
    }
    let whole = unsigned.bytes().all(|byte| byte.is_ascii_digit());
    if unsigned.starts_with('0') && unsigned[1..].starts_with(|next: char| next.is_ascii_digit()) {
        Meaning::LeadingZero
    } else if whole {
        let limit = if negative { i128::MIN } else { i128::MAX };
        Meaning::Whole(text.parse().unwrap_or(limit))
    } else {
        text.parse().map_or(Meaning::Text, Meaning::Float)
    }
}

/// Whether a text is `12`, `1.5`, `.5`, `1.`, each with or without an exponent.
fn is_decimal(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_fits = digits(before) && digits(after) && !(before.is_empty() && after.is_empty());
    mantissa_fits
        && exponent.is_none_or(|exponent| {
            let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !power.is_empty() && digits(power)
        })
}
