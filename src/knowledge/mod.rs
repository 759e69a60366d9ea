//! What commands do and prove, what services are, what paths and names mean: schema and look-up.
//!
//! A leaf: it knows nothing of scripts, flow or rules. Built-in rows are compiled in; a user's rows have the
//! same types.

mod argument;
mod builtin;
mod glob;
mod header;
mod lookup;
mod matching;
mod options;
mod places;
mod reader;
mod schema;
mod vocabulary;
mod wrapping;

pub use argument::{Argument, Bindings, HOLE, Inner, Match, Operand, Root, Wrapper};
pub use lookup::Knowledge;
pub use matching::Input;
pub use schema::mistake::Mistake;
pub use schema::model::{
    ActionRow, EffectRow, Environment, FactRow, Form, List, Moments, Piece, RemedyPiece, RemedyRow, Rewrite,
    RewriteAction, Role, RootKind, Safety, Service, Shell, TestRow, Text, ThingTemplate, Touch, TouchRow, Transfer,
    When,
};
pub use schema::raw::TABLES;
pub use vocabulary::{EffectKind, FactKind, How, PathClass, Remedy, SecondRun, ThingKind, WordKind};

/// Whether a text matches a glob in which `*` is any text and `?` any character.
pub fn is_like(glob: &str, text: &str) -> bool {
    glob::matches_text(glob, text)
}

impl PathClass {
    /// Whether what lies there does not outlive the run, or the host's: no earlier run is met in it.
    pub fn passes(self) -> bool {
        matches!(self, Self::Scratch | Self::Lock | Self::Stream | Self::Device | Self::Cache)
    }
}
