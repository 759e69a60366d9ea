//! What commands do and prove, what services are, what paths and names mean: schema and look-up.
//!
//! A leaf: it knows nothing of scripts, flow or rules. Built-in rows are compiled in; a user's rows have the
//! same types.

mod vocabulary;

pub use vocabulary::{EffectKind, FactKind, How, PathClass, SecondRun, ThingKind};
