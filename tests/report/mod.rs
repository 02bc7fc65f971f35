//! Reports of runs made by hand: what people and programs are shown, whole.

mod forms;
mod gate;
mod hostile;
pub(crate) mod sample;
pub(crate) mod schema;
mod view;
