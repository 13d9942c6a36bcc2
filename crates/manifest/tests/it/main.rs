//! The tests of the manifest: what is read, what is refused and in which words.

// That every way in which YAML may spell a value means what the user wrote.
mod spellings;

// That a file that cannot be read is told apart from a bad one, with the right exit code.
mod files;

// That what attackers and slips write is answered by one line and never by a panic or a loss of text.
mod hostile;

// That overrides are checked as the file is, and name themselves in errors.
mod overrides;

// That changing the name of an optimizer or a pruner follows one rule, wherever it is changed.
mod renamed;

// That the resolved manifest has every default, reads back equal and writes the same bytes.
mod resolved;

// The sample that the other modules change, and the tables of its errors, in exactly these words.
mod sample;

// That the JSON Schema of a type is strict, and has what editors show.
mod schema;

// That broken, hostile and damaged YAML gives one error and never a panic.
mod syntax;

// The type that the manifests of these tests are read into.
mod types;
