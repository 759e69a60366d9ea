//! The seam between the reading of a script and the judgement of its findings.
//!
//! Flow and effects are not joined to the road yet: nothing is found.

use crate::discover::Hint;
use crate::finding::{Catalogue, Finding};
use crate::plan::PlanRow;
use crate::role::Role;
use crate::rules;
use crate::source::{Loader, Source};
use crate::syntax::tree::Script;

/// What the analysis of one script says.
pub struct Analysis {
    /// Why it runs, decided by what it does.
    pub role: Role,
    /// All findings, whatever is shown of them.
    pub findings: Vec<Finding>,
    /// What the script does.
    pub plan: Vec<PlanRow>,
    /// Whether every region was understood and the analysis came to its end.
    pub complete: bool,
}

/// Analyses a script.
pub fn analyse(script: &Script, _source: &Source, hint: &Hint, _loader: &dyn Loader) -> Analysis {
    Analysis { role: hint.role, findings: Vec::new(), plan: Vec::new(), complete: script.unread.is_empty() }
}

/// Every rule there is.
pub fn catalogue() -> &'static dyn Catalogue {
    rules::catalogue()
}
