//! noharm reads the scripts that run when something is already broken and says where running them could
//! make things worse.
//!
//! The road through the code, left to right; a stage imports only stages to its left, and leaves:
//!
//! `discover → source → syntax → flow → effects → rules → policy → fix → report`

pub mod dialect;
pub mod finding;
pub mod knowledge;
pub mod plan;
pub mod role;
pub mod rules;
pub mod span;
pub mod syntax;
