//! The policy host, through the real worker process.

mod evidence;
mod gate;
