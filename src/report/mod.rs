//! Reports, one renderer per file. Pure.
