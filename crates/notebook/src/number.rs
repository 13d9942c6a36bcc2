//! Numbers and lines as Python and Keras print them.

use std::time::Duration;

/// `repr` of a Python float: the shortest digits that read back to the same float64, with an exponent of at
/// least two digits below 1e-4 and from 1e16 on.
pub fn python_repr(value: f64) -> String {
    if !value.is_finite() {
        return format!("{value}").to_lowercase();
    }
    in_pythons_form(&serde_json::Number::from_f64(value).map(|number| number.to_string()).unwrap_or_default())
}

/// So many of something: `1 seed`, `2 seeds`.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `repr` of a NumPy float32, as [`python_repr`] has it of a float64.
pub(crate) fn python_repr_of_float32(value: f32) -> String {
    match serde_json::to_string(&value) {
        Ok(text) if value.is_finite() => in_pythons_form(&text),
        _ => format!("{value}").to_lowercase(),
    }
}

/// A number with its digits as `serde_json` writes it, which of two that are as short and as near takes the even one, as
/// Python does; the standard library takes the upper one.
fn in_pythons_form(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |text| ("-", text));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    let zeros = digits.len() - significant.len();
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return format!("{sign}0.0");
    }
    // Of the first digit.
    let exponent = exponent.parse::<i32>().expect("a whole exponent") + whole.len() as i32 - 1 - zeros as i32;
    let (first, rest) = significant.split_at(1);
    if !(-4..16).contains(&exponent) {
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{}", with_exponent(&format!("{first}{point}{rest}"), exponent));
    }
    if exponent < 0 {
        return format!("{sign}0.{}{significant}", "0".repeat(-exponent as usize - 1));
    }
    let before = exponent as usize + 1;
    let padded = format!("{significant:0<before$}");
    let (whole, fraction) = padded.split_at(before);
    format!("{sign}{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
}

/// A loss as Keras' progress line prints it: `%.4f` above 1e-3, `%.4e` otherwise.
pub fn printed_loss(loss: f64) -> String {
    if loss.abs() > 1e-3 || !loss.is_finite() {
        return format!("{loss:.4}").to_lowercase();
    }
    let text = format!("{loss:.4e}");
    let (digits, exponent) = text.split_once('e').expect("an exponent");
    with_exponent(digits, exponent.parse().expect("a whole exponent"))
}

/// Keras' line for an epoch of `steps` batches that took `time`, which may be left out; it begins with `bar`.
pub(crate) fn epoch_line(steps: usize, bar: &str, logs: &[(String, f32)], time: Option<Duration>) -> String {
    let took = time.map(|time| match (time / steps.max(1) as u32).as_micros() {
        micros @ 0..1_000 => format!("{bar}{}s {micros}us/step", time.as_secs()),
        micros => format!("{bar}{}s {}ms/step", time.as_secs(), micros / 1_000),
    });
    let mut parts = vec![took.unwrap_or_else(|| bar.trim_end_matches([' ', '-']).to_owned())];
    parts.extend(logs.iter().map(|(name, value)| format!("{name}: {}", printed_loss(f64::from(*value)))));
    parts.join(" - ")
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::epoch_line;

    #[test]
    fn the_line_of_an_epoch_has_every_number_as_keras_prints_it() {
        let logs = [("loss", 0.7), ("accuracy", 0.0), ("val_loss", 4.5e-4), ("val_accuracy", 1.0)];
        let logs = logs.map(|(name, value): (&str, f32)| (name.to_owned(), value));
        let said = "loss: 0.7000 - accuracy: 0.0000e+00 - val_loss: 4.5000e-04 - val_accuracy: 1.0000";
        for (bar, untimed) in [("4/4 [===] - ", "4/4 [===]"), ("4/4 ━━━ ", "4/4 ━━━")] {
            assert_eq!(epoch_line(4, bar, &logs, None), format!("{untimed} - {said}"));
            let timed = epoch_line(4, bar, &logs[..1], Some(Duration::from_millis(12)));
            assert_eq!(timed, format!("{bar}0s 3ms/step - loss: 0.7000"));
        }
    }
}
