//! The tests of this crate that need no private item.

// What the tests of storage and studies run.
mod sample;

// Journals of Optuna's and hostile ones, read as Optuna reads them.
mod answers;
// A killed run and its resumption; several processes at once.
mod crash;
// The journal's format, torn and damaged lines, the lock.
mod journal;
// Real Optuna reads and writes our journal, where it is installed.
mod optuna;
// An ended trial is run again: the same to the last bit, or what differs.
mod proof;
// What both storages promise, file and server, and what a server alone can do to a study.
mod storages;
// Rounds, outcomes, stops, and plans that differ.
mod study;

// What every sampler must do, after every outcome.
mod conformance;
// How spaces are written; the line a bad one gets.
mod space;
