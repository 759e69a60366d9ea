//! The seam between the reading of a script and the judgement of its findings.
//!
//! Flow, effects and rules are not joined to the road yet: nothing is found, and nothing is known of rules but
//! the two that speak of the linter itself.

use crate::discover::Hint;
use crate::finding::{Applicability, Catalogue, Confidence, Finding, RuleCard, Severity};
use crate::plan::PlanRow;
use crate::role::Role;
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
    &OwnRules
}

struct OwnRules;

impl Catalogue for OwnRules {
    fn cards(&self) -> Vec<RuleCard> {
        let card = |code: &str, name: &str, summary: &str, severity, fix| RuleCard {
            code: code.into(),
            name: name.into(),
            summary: summary.into(),
            severity,
            by_role: Vec::new(),
            confidence: Confidence::High,
            fix,
            page: format!("# {name}\n\n{summary}.\n"),
            url: None,
        };
        vec![
            card("NH001", "region-not-analysed", "A region of the script was not analysed", Severity::Note, None),
            card(
                "NH002",
                "ignore-without-effect",
                "An ignore comment hides nothing, gives no reason, or names no rule",
                Severity::Warning,
                Some(Applicability::Safe),
            ),
        ]
    }
}
