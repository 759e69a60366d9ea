//! The rows of knowledge: their types, their TOML, and the derivation from cases.
//!
//! Compiled twice: into the build script, which writes the built-in rows as statics, and into the crate, which
//! reads a user's rows at run time. So it imports nothing of the crate but the vocabulary beside it.

pub mod cases;
pub mod derive;
pub mod form;
pub mod grammar;
pub mod headers;
pub mod mistake;
pub mod model;
pub mod pattern;
pub mod raw;
pub mod remedies;
pub mod rows;
pub mod template;
pub mod world;
