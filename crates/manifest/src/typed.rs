//! A checked tree becomes a typed value; an error says at which field.
//!
//! Every program has this compiled for its own type, so it is one thin layer: no wrapper around another deserializer.

use std::cell::RefCell;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use crate::tree::join;

/// The value of type `T`, or the dotted path of the field that is wrong and what is wrong with it.
pub(crate) fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, (String, String)> {
    let path = RefCell::new(Vec::new());
    let read = T::deserialize(At { value, path: &path });
    read.map_err(|error| {
        let path = path.take().into_iter().fold(String::new(), |path, step| match step {
            Step::Key(key) => join(&path, key),
            Step::Index(index) => join(&path, &index.to_string()),
        });
        (path, error.to_string())
    })
}

/// From a value to one of its parts.
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// A value and the path to it. The path is longer while a part is read, and stays so where that fails.
#[derive(Clone, Copy)]
struct At<'a, 'p> {
    value: &'a Value,
    path: &'p RefCell<Vec<Step<'a>>>,
}

impl<'a> At<'a, '_> {
    fn part<S: DeserializeSeed<'a>>(self, step: Step<'a>, value: &'a Value, seed: S) -> Result<S::Value, Error> {
        self.path.borrow_mut().push(step);
        let read = seed.deserialize(At { value, ..self })?;
        self.path.borrow_mut().pop();
        Ok(read)
    }
}

impl<'de> Deserializer<'de> for At<'de, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Array(items) => visitor.visit_seq(Items { at: self, rest: items.iter().enumerate() }),
            Value::Object(fields) => visitor.visit_map(Fields { at: self, rest: fields.iter(), value: None }),
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Number(number) => number.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.value.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Items<'a, 'p> {
    at: At<'a, 'p>,
    rest: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
}

impl<'a> SeqAccess<'a> for Items<'a, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let next = self.rest.next();
        next.map(|(index, item)| self.at.part(Step::Index(index), item, seed)).transpose()
    }
}

struct Fields<'a, 'p> {
    at: At<'a, 'p>,
    rest: serde_json::map::Iter<'a>,
    value: Option<(&'a str, &'a Value)>,
}

impl<'a> MapAccess<'a> for Fields<'a, '_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some((key, value));
        let key: StrDeserializer<'a, Error> = key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let (key, value) = self.value.take().ok_or_else(|| Error::custom("a value without its key"))?;
        self.at.part(Step::Key(key), value, seed)
    }
}
