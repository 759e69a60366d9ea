//! What the stages to the right of the rules ask about rules.
//!
//! A leaf: the registry of rules answers it, tests answer it by hand, and policy and reports need not know
//! how rules are kept.

use super::{Applicability, Confidence, Pack, Severity};
use crate::role::Role;

/// The face of a rule: what lists and explanations show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCard {
    /// Such as `NH301`.
    pub code: String,
    /// Such as `restart-into-unchecked-config`.
    pub name: String,
    /// One line: what it detects.
    pub summary: String,
    /// The severity where the role says nothing else.
    pub severity: Severity,
    /// Severities of single roles, where they differ.
    pub by_role: Vec<(Role, Severity)>,
    /// The highest confidence that it speaks with.
    pub confidence: Confidence,
    /// The best fix that it can offer.
    pub fix: Option<Applicability>,
    /// Its page, in Markdown.
    pub page: String,
    /// Where the page can be read.
    pub url: Option<String>,
}

/// All rules there are.
pub trait Catalogue: Sync {
    /// Every rule, in order of code.
    fn cards(&self) -> Vec<RuleCard>;

    /// The code that a code (in any case) or a name stands for.
    fn resolve(&self, code_or_name: &str) -> Option<String> {
        let wanted = code_or_name.trim();
        let is_it = |card: &RuleCard| card.code.eq_ignore_ascii_case(wanted) || card.name == wanted;
        self.cards().into_iter().find(is_it).map(|card| card.code)
    }

    /// The severity of a rule in a role, where it is not what the finding itself carries.
    ///
    /// A finding comes with the severity of the unit that it stands in (a branch of an agent may have a role
    /// of its own), so the answer is usually none.
    fn severity(&self, _code: &str, _role: Role) -> Option<Severity> {
        None
    }

    /// The packs that rules are listed in.
    fn packs(&self) -> &'static [Pack] {
        &[]
    }

    /// Where a rule's page can be read.
    fn url(&self, code: &str) -> Option<String> {
        self.cards().into_iter().find(|card| card.code == code).and_then(|card| card.url)
    }
}
