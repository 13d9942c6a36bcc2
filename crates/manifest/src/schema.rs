//! The manifest's JSON Schema: what the editor checks and what [`crate::reader`] checks.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::types::Manifest;

/// The JSON Schema (draft-07) of a manifest, indented, with a final line break. It is committed
/// beside the crate as `manifest.schema.json`; `cargo run -p manifest --example schema` prints it.
pub fn json_schema() -> String {
    format!("{:#}\n", *SCHEMA)
}

/// The schema without references, so that walking it is walking the manifest.
pub(crate) static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Manifest>().to_value();
    // The order of keys must not depend on how the rest of a workspace builds serde_json.
    schema.sort_all_objects();
    schema
});
