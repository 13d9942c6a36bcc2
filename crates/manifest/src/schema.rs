//! The JSON Schema of a type: what an editor checks and what [`crate::reader`] checks.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON Schema (draft-07) of a manifest that is read into `T`, without references, so that walking it is walking the
/// manifest.
pub(crate) fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    // The order of keys must not depend on how the rest of a workspace builds serde_json.
    schema.sort_all_objects();
    schema
}

/// The JSON Schema (draft-07) of a manifest that is read into `T`, for editors: indented, with a final line break.
pub fn json_schema<T: JsonSchema>() -> String {
    format!("{:#}\n", schema::<T>())
}

/// Whether a mapping of this schema can have a value at the path of these steps; items of lists have any number.
pub(crate) fn has(schema: &Value, steps: &[&str]) -> bool {
    let [step, rest @ ..] = steps else { return true };
    let field =
        schema["properties"].get(step).or_else(|| schema.get("items").filter(|_| step.parse::<usize>().is_ok()));
    field.is_some_and(|field| has(field, rest))
        || ["oneOf", "anyOf"].iter().filter_map(|of| schema[of].as_array()).flatten().any(|variant| has(variant, steps))
}
