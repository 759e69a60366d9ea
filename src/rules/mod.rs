//! Rules: an effect to look for, the facts that excuse it, what to say and how to mend it.
//!
//! A rule is one Markdown file under `rules/`; this stage reads them ([`parse_rule`]), holds those that are
//! compiled in ([`all`], [`find`]) or a user's own ([`Rules`]), and applies them to effects and facts. It sees no tree, no text and no graph,
//! and knows nothing of output formats.

mod account;
mod edits;
mod file;
mod fits;
mod group;
mod left_open;
mod mend;
mod parse;
mod parse_page;
mod parse_table;
mod parse_template;
mod parse_words;
mod place;
mod polls;
mod registry;
mod say;
mod select;
mod stop;
mod template;

pub use account::accounts;
pub use file::{
    Condition, Deadline, Debt, EffectPattern, Example, ExampleKind, FixKind, FixTemplate, Given, List, Of, Rule,
    SeverityTable, Shift, Text, Trait, Trigger, When,
};
pub use parse::parse_rule;
pub use parse_page::marker;
pub use parse_table::Problem;
pub use registry::{Rules, all, find};
pub use say::short;
pub use select::{Case, asked, asks_of_failure, judge, marks, owed};
pub use template::{Piece, Placeholder, Template};
