//! Reports of the differences of two descriptions: what people and programs are shown, whole.

mod catalogue;
mod forms;
mod hostile;
pub(crate) mod published;
pub(crate) mod sample;
