//! The policy host, through the real worker process.

mod evidence;
#[cfg(feature = "escape-probe")]
mod escape;
mod gate;
mod guest;
mod hostile;
mod process;
