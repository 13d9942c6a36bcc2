//! Records of how long trainings take: written by the binary `measure`, drawn by the experiment.

pub mod record;
