//! A manifest that was read: its value, and the tree of which changed values are made.

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_path_to_error::deserialize;

use crate::error::{Error, Fault, Place, printable};
use crate::overrides::{self, Override};
use crate::tree::{self, Node};
use crate::{Broken, file, reader, renamed};

/// A type that manifests are read into.
pub trait Rules: Serialize + DeserializeOwned + JsonSchema {
    /// The rules between fields, which the schema cannot state. They are checked whenever a manifest is read or changed.
    ///
    /// # Errors
    /// If a rule does not hold.
    fn rules(&self) -> Result<(), Broken> {
        Ok(())
    }

    /// The rules on what is made of a manifest by [`Document::with`]. They are checked where a file, or a variant, is read.
    ///
    /// # Errors
    /// If a rule does not hold.
    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        let _ = document;
        Ok(())
    }
}

/// The manifest with some of its fields changed. A type that has variants has a list of them under the key `variants`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What tables and figures call it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What is changed, each as `path=value`, as `--set` takes it.
    pub set: Vec<String>,
}

/// The key of the variants.
const VARIANTS: &str = "variants";

/// A manifest that was read, and is valid. It derefs to its value, which clones share.
pub struct Document<T> {
    value: Arc<T>,
    /// The value as JSON and as a tree, with every default written out; made when a first value is to be changed.
    written: OnceLock<Arc<(Value, Node)>>,
    schema: Arc<Value>,
}

impl<T> Clone for Document<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), written: self.written.clone(), schema: Arc::clone(&self.schema) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Document<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

impl<T> Deref for Document<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Two documents are equal if their values are.
impl<T: PartialEq> PartialEq for Document<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Rules> Document<T> {
    /// The document of a value that a program has made.
    ///
    /// # Errors
    /// If the value is not what a manifest may be, or breaks a rule.
    pub fn new(value: &T) -> Result<Self, Error> {
        let base = Node::from_json(&json(value), Place::File { line: 0, column: 0 });
        let read = Self::resolve(&base, &[], Arc::new(schema::<T>()), true);
        Ok(read.map_err(|fault| fault.into_error("", &[]))?.0)
    }

    /// Reads the manifest at `path` as [`load`](crate::load); also says, on a line each, which keys of the file went because
    /// a `name` was overridden.
    ///
    /// # Errors
    /// As [`load`](crate::load).
    pub fn load_and_note(path: &Path, overrides: &[String]) -> Result<(Self, Vec<String>), Error> {
        let name = path.display().to_string();
        let bytes = file::read(path, &name)?;
        let text = file::text(&bytes).map_err(|fault| fault.into_error(&name, overrides))?;
        Self::parse_and_note(&name, text, overrides)
    }

    /// Reads a manifest from its text; errors call it `name`.
    ///
    /// # Errors
    /// If the text is no YAML, is not what a manifest may be, or breaks a rule, with or without the overrides.
    pub fn parse(name: &str, text: &str, overrides: &[String]) -> Result<Self, Error> {
        Ok(Self::parse_and_note(name, text, overrides)?.0)
    }

    fn parse_and_note(name: &str, text: &str, overrides: &[String]) -> Result<(Self, Vec<String>), Error> {
        file::refuse_large(name, text.len() as u64)?;
        let changes = overrides::read(overrides, name)?;
        let read = || {
            let start = Place::File { line: 1, column: 1 };
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let root = tree::parse(text, "", |line, column| Place::File { line, column })?;
            let root = root.filter(|root| !root.is_nothing());
            let root = root.ok_or_else(|| Fault::new(start, "", "the manifest is empty"))?;
            Self::resolve(&root, &changes, Arc::new(schema::<T>()), true)
        };
        let (document, gone) = read().map_err(|fault| fault.into_error(name, overrides))?;
        Ok((document, gone.into_iter().map(|fault| fault.into_error(name, overrides).to_string()).collect()))
    }

    /// This manifest with other values at these dotted paths; what an error names is `path=value`. Nothing is read as text.
    ///
    /// # Errors
    /// If a key does not exist or does not take the value, or [`Rules::rules`] do not hold.
    pub fn with<'a>(&self, values: impl IntoIterator<Item = (&'a str, Value)>) -> Result<Self, Error> {
        let values: Vec<(&str, Value)> = values.into_iter().collect();
        let change = |(number, (path, value)): (usize, &(&'a str, Value))| {
            let place = Place::Override(number);
            Ok(Override { value: Node::from_json(value, place), ..Override::new(number, path.split('.').collect())? })
        };
        let changes = values.iter().enumerate().map(change).collect::<Result<Vec<_>, _>>();
        if let Some(changed) = changes.as_ref().ok().and_then(|changes| self.patched(changes)) {
            return Ok(changed);
        }
        // What is wrong, and where, is found in the whole.
        let base = &self.written().1;
        let changed = changes.and_then(|changes| Self::resolve(base, &changes, Arc::clone(&self.schema), false));
        let shown = || values.iter().map(|(path, value)| format!("{path}={value}")).collect::<Vec<_>>();
        Ok(changed.map_err(|fault| fault.into_error("", &shown()))?.0)
    }

    /// This manifest with the changes, of which only the parts that change are read again; nothing if that is the whole, or is
    /// not valid.
    fn patched(&self, changes: &[Override]) -> Option<Self> {
        let (json, tree) = self.written();
        let mut parts: Vec<&[&str]> = changes.iter().map(|change| part(&self.schema, tree, &change.steps).0).collect();
        parts.sort_unstable();
        parts.dedup_by(|inner, outer| inner.starts_with(outer));
        let json = json.as_object()?;
        let mut changed = Map::new();
        for part_steps in parts {
            let (_, schema, old) = part(&self.schema, tree, part_steps);
            let mut new = old.clone();
            for (number, change) in changes.iter().enumerate() {
                if let Some(steps) = change.steps.strip_prefix(part_steps) {
                    overrides::apply(&mut new, number, steps, &change.value).ok()?;
                }
            }
            renamed::settle(schema, "", old, &mut new, &mut Vec::new());
            let value = reader::read(&new, schema).ok()?;
            let (section, steps) = part_steps.split_first()?;
            let section = changed.entry(*section).or_insert_with(|| json[*section].clone());
            *steps.iter().try_fold(section, |json, step| match json {
                Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
                json => json.get_mut(step),
            })? = value;
        }
        let sections = json.iter().map(|(key, value)| (key.as_str(), changed.get(key).unwrap_or(value)));
        let value = T::deserialize(MapDeserializer::new(sections)).ok()?;
        value.rules().ok()?;
        Some(Self { value: Arc::new(value), written: OnceLock::new(), schema: Arc::clone(&self.schema) })
    }

    /// The names of the variants.
    pub fn variants(&self) -> Vec<String> {
        self.variant_list().into_iter().map(|variant| variant.name).collect()
    }

    /// The manifest of the variant of that name, itself without variants.
    ///
    /// # Errors
    /// If there is no such variant; that its changes are valid was checked when the manifest was read.
    pub fn variant(&self, name: &str) -> Result<Self, Error> {
        match self.variant_list().iter().find(|variant| variant.name == name) {
            Some(variant) => self.changed(variant),
            None => {
                Err(Error::Invalid { location: VARIANTS.to_owned(), message: format!("no variant is called {name}") })
            }
        }
    }

    fn variant_list(&self) -> Vec<Variant> {
        let json = self.to_json();
        json.get(VARIANTS).map_or_else(Vec::new, |list| Vec::deserialize(list).unwrap_or_default())
    }

    fn changed(&self, variant: &Variant) -> Result<Self, Error> {
        let base = self.written().1.without(VARIANTS);
        let changes = overrides::read(&variant.set, "")?;
        let resolved = Self::resolve(&base, &changes, Arc::clone(&self.schema), true);
        Ok(resolved.map_err(|fault| fault.into_error("", &variant.set))?.0)
    }

    /// The manifest as YAML with every default written out, in the order of the fields. Reading it gives an equal manifest.
    pub fn to_yaml(&self) -> String {
        serde_yaml::to_string(&*self.value).expect("a manifest has only text keys, numbers and lists")
    }

    /// The manifest as JSON, with every default written out.
    pub fn to_json(&self) -> Value {
        json(&*self.value)
    }

    /// Whether a key of that dotted path is in the schema, list items by any number.
    pub fn has_key(&self, path: &str) -> bool {
        let steps: Vec<&str> = path.split('.').collect();
        has(&self.schema, &steps)
    }

    fn written(&self) -> &(Value, Node) {
        self.written.get_or_init(|| {
            let json = self.to_json();
            let tree = Node::from_json(&json, Place::File { line: 0, column: 0 });
            Arc::new((json, tree))
        })
    }

    /// The manifest that the changes make of `base`, and which keys of it went.
    fn resolve(
        base: &Node,
        changes: &[Override],
        schema: Arc<Value>,
        whole: bool,
    ) -> Result<(Self, Vec<Fault>), Fault> {
        let mut root = base.clone();
        for (number, change) in changes.iter().enumerate() {
            overrides::apply(&mut root, number, &change.steps, &change.value)?;
        }
        let mut gone = Vec::new();
        renamed::settle(&schema, "", base, &mut root, &mut gone);
        let value = reader::read(&root, &schema)?;
        let value: T = deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            Fault::new(root.place_of(&path), &path, error.inner().to_string())
        })?;
        value.rules().map_err(|broken| broken.into_fault(&root))?;
        let document = Self { value: Arc::new(value), written: OnceLock::new(), schema };
        if whole {
            document
                .check_variants()
                .and_then(|()| T::rules_of_changes(&document))
                .map_err(|of| of.into_fault(&root))?;
        }
        Ok((document, gone))
    }

    fn check_variants(&self) -> Result<(), Broken> {
        let variants = self.variant_list();
        for (index, variant) in variants.iter().enumerate() {
            if variants[..index].iter().any(|earlier| earlier.name == variant.name) {
                let message = format!("two variants are called {}", printable(&variant.name));
                return Err(Broken::new(format!("{VARIANTS}.{index}.name"), message));
            }
            if let Err(error) = self.changed(variant) {
                // Where an override is wrong, it says so; what else is wrong has a place only in what the variant is made of.
                let message = match error {
                    Error::Invalid { location, message } if !location.starts_with("--set") => message,
                    error => error.to_string(),
                };
                return Err(Broken::new(format!("{VARIANTS}.{index}.set"), message));
            }
        }
        Ok(())
    }
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("a manifest has only text keys, finite numbers and lists")
}

/// The JSON Schema (draft-07) of a manifest that is read into `T`, without references, so that walking it is walking the
/// manifest.
fn schema<T: JsonSchema>() -> Value {
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

/// The field of a mapping, or the item of a list, that a schema has at a step of a path.
fn field<'schema>(schema: &'schema Value, step: &str) -> Option<&'schema Value> {
    schema["properties"].get(step).or_else(|| schema.get("items").filter(|_| step.parse::<usize>().is_ok()))
}

/// The smallest part of a manifest around the key at these steps that one schema describes, whatever the key's value: the
/// steps that lead to it, its schema and its tree.
fn part<'a, 'steps, 'text>(
    schema: &'a Value,
    tree: &'a Node,
    steps: &'steps [&'text str],
) -> (&'steps [&'text str], &'a Value, &'a Node) {
    let (mut schema, mut node) = (schema, tree);
    for (depth, step) in steps.iter().enumerate() {
        let inner = field(schema, step).filter(|field| field.get("const").is_none());
        let (Some(inner), Some(child)) = (inner, node.child(step)) else { return (&steps[..depth], schema, node) };
        (schema, node) = (inner, child);
    }
    (steps, schema, node)
}

/// Whether a mapping of this schema can have a value at the path of these steps; items of lists have any number.
fn has(schema: &Value, steps: &[&str]) -> bool {
    let [step, rest @ ..] = steps else { return true };
    field(schema, step).is_some_and(|field| has(field, rest))
        || ["oneOf", "anyOf"].iter().filter_map(|of| schema[of].as_array()).flatten().any(|variant| has(variant, steps))
}
