use manifest::json_schema;

use crate::types::Manifest;
use serde_json::Value;

use crate::sample::{SAMPLE, document_of};

/// Every mapping refuses unknown keys, and every field is explained to the editor.
#[test]
fn strict_and_documented() {
    let schema: Value = serde_json::from_str(&json_schema::<Manifest>()).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let mut mappings = 0;
    walk(&schema, &mut |schema| {
        let Some(fields) = schema["properties"].as_object() else {
            return;
        };
        mappings += 1;
        assert_eq!(schema["additionalProperties"], false, "{schema}");
        for (name, field) in fields {
            let known = field.get("description").or(field.get("const"));
            assert!(known.is_some(), "{name} has a description");
        }
    });
    assert_eq!(mappings, 19);
}

fn walk(schema: &Value, visit: &mut impl FnMut(&Value)) {
    visit(schema);
    match schema {
        Value::Object(fields) => fields.values().for_each(|field| walk(field, visit)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

/// Ranges and defaults stand where an editor looks for them.
#[test]
fn ranges_and_defaults() {
    let schema: Value = serde_json::from_str(&json_schema::<Manifest>()).unwrap();
    let adam = "/properties/training/properties/optimizer/oneOf/3/properties";
    let units = "/properties/model/properties/layers/items/properties/units";
    let training = "/properties/training/properties";
    for (pointer, expected) in [
        (format!("{adam}/name/const"), Value::from("adam")),
        (format!("{adam}/learning_rate/exclusiveMinimum"), Value::from(0)),
        (format!("{adam}/learning_rate/default"), Value::from(0.001)),
        (format!("{adam}/beta_1/minimum"), Value::from(0)),
        (format!("{adam}/beta_1/exclusiveMaximum"), Value::from(1)),
        (format!("{units}/minimum"), Value::from(1)),
        (format!("{units}/maximum"), Value::from(65_536)),
        (format!("{training}/epochs/maximum"), Value::from(1_000_000)),
        (format!("{training}/batch_size/default"), Value::from(32)),
        (format!("{training}/shuffle/default"), Value::from(true)),
        (format!("{training}/device/pattern"), Value::from("^(cpu|cuda:[0-9]{1,4})$")),
        (format!("{training}/device/default"), Value::from("cpu")),
        ("/properties/restore/default".to_owned(), Value::from("float32")),
    ] {
        assert_eq!(schema.pointer(&pointer), Some(&expected), "{pointer}");
    }
}

/// The schema's defaults are the values that a manifest without the field has.
#[test]
fn defaults_are_the_program_s() {
    let schema: Value = serde_json::from_str(&json_schema::<Manifest>()).unwrap();
    let text = SAMPLE
        .replace("  engine: libtorch\n  device: cpu\n", "")
        .replace(", learning_rate: 0.01", "")
        .replace("  batch_size: 32\n  shuffle: true\n", "");
    let resolved = document_of(&text, &[]).to_json();
    let training = &schema["properties"]["training"]["properties"];
    let adam = &training["optimizer"]["oneOf"][3]["properties"];
    for field in ["engine", "device", "batch_size", "shuffle"] {
        assert_eq!(resolved["training"][field], training[field]["default"], "{field}");
    }
    for field in ["learning_rate", "beta_1", "beta_2", "epsilon"] {
        let value = &resolved["training"]["optimizer"][field];
        assert_eq!(*value, adam[field]["default"], "{field}");
    }
}
