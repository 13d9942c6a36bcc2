//! Checks a tree against the JSON Schema and turns it into JSON, so that the editor and the program
//! hold a manifest to the same rules.

use serde_json::{Map, Value};

use crate::error::{Fault, Place};
use crate::scalar::{Meaning, Scalar, quote};
use crate::suggest::{nearest, unknown_field};
use crate::tree::{Entry, Kind, Node, join};

/// The value of a whole manifest, which the schema allows.
pub(crate) fn read(root: &Node, schema: &Value) -> Result<Value, Fault> {
    Reader { schema }.read(root, schema, "")
}

/// Reads nodes of a manifest of this schema.
struct Reader<'schema> {
    schema: &'schema Value,
}

impl Reader<'_> {
    /// The value of a node, which the schema allows.
    fn read(&self, node: &Node, schema: &Value, path: &str) -> Result<Value, Fault> {
        if let Some(variants) = schema["oneOf"].as_array() {
            return if variants[0].get("const").is_some() {
                choice(node, &constants(variants.iter()), path)
            } else {
                self.tagged(node, variants, path)
            };
        }
        if let Some(variants) = schema["anyOf"].as_array() {
            if let [of, null] = &variants[..]
                && (of.get("oneOf").is_some() || of.get("anyOf").is_some())
                && null["type"] == "null"
            {
                return if node.is_nothing() { Ok(Value::Null) } else { self.read(node, of, path) };
            }
            return self.any(node, variants, path);
        }
        let (kind, optional) = match &schema["type"] {
            Value::Array(kinds) => (kinds[0].as_str(), kinds.contains(&Value::from("null"))),
            kind => (kind.as_str(), false),
        };
        if optional && node.is_nothing() {
            return Ok(Value::Null);
        }
        match kind {
            Some("object") => self.object(node, schema, path),
            Some("array") => self.array(node, schema, path),
            Some("integer") => integer(node, schema, path),
            Some("number") => float(node, schema, path),
            Some("boolean") => boolean(node, path),
            Some("string") => text(node, schema, path),
            _ => unreachable!("the schema has no other type"),
        }
    }

    fn object(&self, node: &Node, schema: &Value, path: &str) -> Result<Value, Fault> {
        let Kind::Mapping(entries) = &node.kind else {
            return Err(mismatch(node, "a mapping", path));
        };
        let Some(fields) = schema["properties"].as_object() else {
            let item = &schema["additionalProperties"];
            let read = |entry: &Entry| Ok((entry.key.clone(), self.read(&entry.value, item, &join(path, &entry.key))?));
            return entries.iter().map(read).collect::<Result<Map<_, _>, Fault>>().map(Value::Object);
        };
        if let Some(unknown) = entries.iter().find(|entry| !fields.contains_key(&entry.key)) {
            let message = unknown_field(&unknown.key, fields, path, self.schema);
            // A key of the file may have a value of an override.
            let place =
                if matches!(unknown.value.place, Place::Override(_)) { unknown.value.place } else { unknown.place };
            return Err(Fault::new(place, &join(path, &unknown.key), message));
        }
        let required = schema["required"].as_array().into_iter().flatten();
        for key in required.filter_map(Value::as_str) {
            if node.get(key).is_none() {
                return Err(Fault::new(node.place, path, format!("missing field {key}")));
            }
        }
        let mut values = Map::new();
        for Entry { key, value, .. } in entries {
            let read = match fields[key].get("const") {
                Some(constant) => constant.clone(),
                None => self.read(value, &fields[key], &join(path, key))?,
            };
            values.insert(key.clone(), read);
        }
        Ok(Value::Object(values))
    }

    /// An object of which one key, a constant in each variant, says which of several it is. A variant that does not require
    /// the key is meant where it is left out.
    fn tagged(&self, node: &Node, variants: &[Value], path: &str) -> Result<Value, Fault> {
        if !matches!(node.kind, Kind::Mapping(_)) {
            return Err(mismatch(node, "a mapping", path));
        }
        let fields = variants[0]["properties"].as_object().into_iter().flatten();
        let tag = fields.into_iter().find(|(_, field)| field.get("const").is_some()).map_or("name", |(key, _)| key);
        let Some(name) = node.get(tag) else {
            let requires =
                |variant: &Value| variant["required"].as_array().is_some_and(|keys| keys.contains(&tag.into()));
            let Some(variant) = variants.iter().find(|variant| !requires(variant)) else {
                return Err(Fault::new(node.place, path, format!("missing field {tag}")));
            };
            return self.object(node, variant, path);
        };
        let names = constants(variants.iter().map(|variant| &variant["properties"][tag]));
        let chosen = choice(name, &names, &join(path, tag))?;
        let variant = variants.iter().find(|variant| variant["properties"][tag]["const"] == chosen);
        self.object(node, variant.unwrap_or(&variants[0]), path)
    }

    fn array(&self, node: &Node, schema: &Value, path: &str) -> Result<Value, Fault> {
        let Kind::List(items) = &node.kind else {
            return Err(mismatch(node, "a list", path));
        };
        let (fewest, most) = (&schema["minItems"], &schema["maxItems"]);
        let allowed = fewest.as_u64().unwrap_or(0)..=most.as_u64().unwrap_or(u64::MAX);
        if !allowed.contains(&(items.len() as u64)) {
            let got = items.len();
            let message = format!("must have from {fewest} to {most} items, got {got}");
            return Err(Fault::new(node.place, path, message));
        }
        items
            .iter()
            .enumerate()
            .map(|(index, item)| self.read(item, &schema["items"], &join(path, &index.to_string())))
            .collect()
    }

    /// A value that one of the variants allows: the mapping whose keys fit best, a list, or a scalar.
    fn any(&self, node: &Node, variants: &[Value], path: &str) -> Result<Value, Fault> {
        let tagged = |variant: &&Value| variant.pointer("/oneOf/0/properties").is_some();
        let of_kind = |kind: &'static str| variants.iter().filter(move |variant| variant["type"] == kind);
        let fitting = match &node.kind {
            Kind::Mapping(entries) => {
                let known = |variant: &&Value| {
                    let fields =
                        || variant["properties"].as_object().into_iter().flat_map(Map::keys).map(String::as_str);
                    let is_known = |key: &str| fields().any(|field| field == key) || nearest(key, fields()).is_some();
                    entries.iter().filter(|entry| is_known(&entry.key)).count()
                };
                // The first of several that fit as well.
                of_kind("object").rev().max_by_key(known).or_else(|| variants.iter().find(tagged))
            }
            Kind::List(_) => of_kind("array").next(),
            Kind::Scalar(_) if variants.iter().all(|variant| variant["type"] == "object") => variants.first(),
            Kind::Scalar(_) => {
                let scalars = variants.iter().filter(|variant| !tagged(variant)).collect::<Vec<_>>();
                let only = scalars.first().filter(|only| scalars.len() == 1 && only["type"].is_string());
                only.copied().or_else(|| scalars.into_iter().find(|variant| variant.get("oneOf").is_some()))
            }
        };
        match fitting {
            Some(variant) => self.read(node, variant, path),
            None => any_scalar(node, variants, path),
        }
    }
}

/// The error of a value of the wrong type.
fn mismatch(node: &Node, expected: &str, path: &str) -> Fault {
    let got = node.describe();
    Fault::new(node.place, path, format!("expected {expected}, got {got}"))
}

/// The words that schemas of one word each allow.
fn constants<'schema>(schemas: impl Iterator<Item = &'schema Value>) -> Vec<&'schema str> {
    schemas.filter_map(|schema| schema["const"].as_str()).collect()
}

fn choice(node: &Node, choices: &[&str], path: &str) -> Result<Value, Fault> {
    let expected = || format!("one of {}", choices.join(", "));
    match &node.kind {
        Kind::Scalar(Scalar { text, .. }) if choices.contains(&text.as_str()) => Ok(Value::from(text.as_str())),
        Kind::Scalar(scalar) if scalar.meaning() == Meaning::Text => {
            let mut message = format!("expected {}, got {}", expected(), quote(&scalar.text));
            if let Some(near) = nearest(&scalar.text, choices.iter().copied()) {
                message = format!("{message}; did you mean {near}?");
            }
            Err(Fault::new(node.place, path, message))
        }
        _ => Err(mismatch(node, &expected(), path)),
    }
}

/// A scalar of any of the kinds that the variants name.
fn any_scalar(node: &Node, variants: &[Value], path: &str) -> Result<Value, Fault> {
    let mut kinds = Vec::new();
    for variant in variants {
        scalar_kinds(variant, &mut kinds);
    }
    let allows = |kind: &str| kinds.contains(&kind);
    let expected = if allows("string") { "a number, true, false or text" } else { "a number" };
    let Kind::Scalar(scalar) = &node.kind else { return Err(mismatch(node, expected, path)) };
    let value = match scalar.meaning() {
        Meaning::Nothing if allows("null") => Some(Value::Null),
        Meaning::Bool(value) if allows("boolean") => Some(Value::from(value)),
        Meaning::Whole(value) if allows("integer") => i64::try_from(value).ok().map(Value::from),
        Meaning::Float(value) if allows("number") && value.is_finite() => Some(Value::from(value)),
        Meaning::Text if allows("string") => Some(Value::from(scalar.text.as_str())),
        _ => None,
    };
    value.ok_or_else(|| mismatch(node, expected, path))
}

/// The types that a schema of scalars allows.
fn scalar_kinds<'schema>(schema: &'schema Value, kinds: &mut Vec<&'schema str>) {
    kinds.extend(schema["type"].as_str());
    kinds.extend(schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str));
    for variant in schema["anyOf"].as_array().into_iter().flatten() {
        scalar_kinds(variant, kinds);
    }
}

fn text(node: &Node, schema: &Value, path: &str) -> Result<Value, Fault> {
    let Kind::Scalar(scalar) = &node.kind else {
        return Err(mismatch(node, "text", path));
    };
    if scalar.meaning() == Meaning::Nothing {
        return Err(mismatch(node, "text", path));
    }
    if schema.get("minLength").is_some() && scalar.text.trim().is_empty() {
        return Err(Fault::new(node.place, path, "must not be empty"));
    }
    let allowed = if schema.get("contentMediaType").is_some() { "\n\t" } else { "" };
    let is_strange = |letter: char| letter.is_control() || "\u{2028}\u{2029}".contains(letter);
    let strange = scalar.text.chars().find(|&letter| is_strange(letter) && !allowed.contains(letter));
    if let Some(letter) = strange {
        let message = if letter == '\n' {
            format!("must be one line of text, got {}", quote(&scalar.text))
        } else {
            format!("must not contain the control character U+{:04X}", u32::from(letter))
        };
        return Err(Fault::new(node.place, path, message));
    }
    Ok(Value::from(scalar.text.as_str()))
}

fn boolean(node: &Node, path: &str) -> Result<Value, Fault> {
    if let Kind::Scalar(scalar) = &node.kind {
        if let Meaning::Bool(value) = scalar.meaning() {
            return Ok(Value::from(value));
        }
        let yaml_1_1 = match scalar.text.to_ascii_lowercase().as_str() {
            "no" | "off" | "n" => Some("false"),
            "yes" | "on" | "y" => Some("true"),
            _ => None,
        };
        if let (Some(word), true) = (yaml_1_1, scalar.plain) {
            let got = &scalar.text;
            let message = format!("expected true or false, got {got}; write {word}");
            return Err(Fault::new(node.place, path, message));
        }
    }
    Err(mismatch(node, "true or false", path))
}

fn integer(node: &Node, schema: &Value, path: &str) -> Result<Value, Fault> {
    let bounds = Bounds::of(schema);
    let expected = || bounds.of_a("a whole number");
    let Kind::Scalar(scalar) = &node.kind else {
        return Err(mismatch(node, &expected(), path));
    };
    let value = match scalar.meaning() {
        Meaning::Whole(value) => value,
        meaning => return Err(no_number(node, scalar, meaning, &expected(), path)),
    };
    let got = || scalar.describe();
    if !bounds.allow_whole(value) {
        let message = format!("must be {}, got {}", bounds.phrase(), got());
        return Err(Fault::new(node.place, path, message));
    }
    // What the schema leaves open ends with the 64-bit numbers.
    i64::try_from(value).map(Value::from).map_err(|_| {
        let limit = if value < 0 { format!(">= {}", i64::MIN) } else { format!("<= {}", i64::MAX) };
        Fault::new(node.place, path, format!("must be {limit}, got {}", got()))
    })
}

fn float(node: &Node, schema: &Value, path: &str) -> Result<Value, Fault> {
    let bounds = Bounds::of(schema);
    let expected = || bounds.of_a("a number");
    let Kind::Scalar(scalar) = &node.kind else {
        return Err(mismatch(node, &expected(), path));
    };
    let value = match scalar.meaning() {
        Meaning::Float(value) => value,
        Meaning::Whole(value) => scalar.text.parse().unwrap_or(value as f64),
        meaning => return Err(no_number(node, scalar, meaning, &expected(), path)),
    };
    if value.is_finite() && bounds.allow(value) {
        return Ok(Value::from(value));
    }
    let rule = if value.is_finite() { bounds.phrase() } else { "finite".to_owned() };
    Err(Fault::new(node.place, path, format!("must be {rule}, got {}", scalar.describe())))
}

/// The error of what is not the number expected, with how to write it if it looks like one.
fn no_number(node: &Node, scalar: &Scalar, meaning: Meaning, expected: &str, path: &str) -> Fault {
    let hint = match meaning {
        Meaning::LeadingZero => Some("write it without leading zeros".to_owned()),
        Meaning::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(format!("write {value}")),
        Meaning::Text => {
            let plain = Scalar { text: scalar.text.replace('_', ""), plain: true };
            let underscores = plain.text != scalar.text;
            matches!(plain.meaning(), Meaning::Whole(_) | Meaning::Float(_)).then(|| {
                if underscores { format!("write {}", plain.describe()) } else { "write it without quotes".to_owned() }
            })
        }
        _ => None,
    };
    let mut fault = mismatch(node, expected, path);
    fault.message.extend(hint.map(|hint| format!("; {hint}")));
    fault
}

/// The range that a schema gives a number.
struct Bounds {
    minimum: Option<f64>,
    above: Option<f64>,
    maximum: Option<f64>,
    below: Option<f64>,
}

impl Bounds {
    fn of(schema: &Value) -> Self {
        Self {
            minimum: schema["minimum"].as_f64(),
            above: schema["exclusiveMinimum"].as_f64(),
            maximum: schema["maximum"].as_f64(),
            below: schema["exclusiveMaximum"].as_f64(),
        }
    }

    fn allow(&self, value: f64) -> bool {
        self.minimum.is_none_or(|bound| value >= bound)
            && self.above.is_none_or(|bound| value > bound)
            && self.maximum.is_none_or(|bound| value <= bound)
            && self.below.is_none_or(|bound| value < bound)
    }

    /// As [`Bounds::allow`], exact beyond 2^53; whole numbers have inclusive bounds.
    fn allow_whole(&self, value: i128) -> bool {
        self.minimum.is_none_or(|bound| value >= bound as i128)
            && self.maximum.is_none_or(|bound| value <= bound as i128)
    }

    /// The rule in words: `from 1 to 64`, `>= 1`, `> 0`, `>= 0 and < 1`.
    fn phrase(&self) -> String {
        if let (Some(minimum), Some(maximum)) = (self.minimum, self.maximum) {
            return format!("from {minimum} to {maximum}");
        }
        let parts = [(">=", self.minimum), (">", self.above), ("<=", self.maximum), ("<", self.below)];
        parts
            .into_iter()
            .filter_map(|(sign, bound)| bound.map(|bound| format!("{sign} {bound}")))
            .collect::<Vec<_>>()
            .join(" and ")
    }

    /// A noun and the rule.
    fn of_a(&self, noun: &str) -> String {
        format!("{noun} {}", self.phrase()).trim_end().to_owned()
    }
}
