//! Servers that tests talk to. Each runs on a free port of the loopback and ends with its value.

pub(crate) mod hostile;
