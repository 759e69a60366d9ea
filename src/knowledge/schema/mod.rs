//! The rows of knowledge: their types, their TOML, and the derivation from cases.
//!
//! Compiled twice: into the build script, which writes the built-in rows as statics, and into the crate, which
//! reads a user's rows at run time. So it imports nothing of the crate but the vocabulary beside it.

pub mod model;
