//! The streams against golden files made by NumPy, CPython, TensorFlow and Keras; see `tests/golden/generate.py`.

// Reads the golden files and writes results the way they do, long ones as a digest.
mod golden;

// Every method of RandomState: values, and the words consumed by each call.
mod numpy;

// Seeding by magnitude, randint's word borders and rejection, the draws behind op seeds.
mod cpython;

// The published known answers of Philox4x32-10, its words in order, and jumps that land where walking does.
mod philox;

// Op seeds; what a shuffle reserves between calls; stateless ops; the scaling's two roundings.
mod tensorflow;

// Initial kernels and epoch orders of many shapes, as Keras models hold them and as fit feeds them; the blog post's orders.
mod keras;
