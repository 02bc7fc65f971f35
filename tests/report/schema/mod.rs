//! Reports of the differences of two descriptions: what people and programs are shown, whole.

mod catalogue;
mod forms;
mod hostile;
mod published;
pub(crate) mod sample;
