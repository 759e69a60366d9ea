//! The rules that are compiled in.
//!
//! The table is written by the build script from `rules/`; nothing is registered by hand.

use super::file::Rule;
use crate::finding::{Catalogue, RuleCard};

// The table need not use every word of every closed list.
#[allow(clippy::wildcard_imports, unused_imports)]
mod table {
    use crate::finding::{Applicability, Confidence, Severity};
    use crate::knowledge::{EffectKind, FactKind, How, PathClass, SecondRun};
    use crate::role::Role;
    use crate::rules::file::*;
    use crate::rules::template::{Piece, Placeholder, Template};
    use std::borrow::Cow;

    include!(concat!(env!("OUT_DIR"), "/rules.rs"));

    /// The table.
    pub(super) fn rules() -> &'static [Rule] {
        RULES
    }
}

/// Every rule, in the order of their codes.
pub fn all() -> &'static [Rule] {
    table::rules()
}

/// The rule with this code or this name.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    all().iter().find(|rule| rule.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name)
}

/// What the stages to the right ask about the rules that are compiled in.
pub fn catalogue() -> &'static dyn Catalogue {
    &Compiled
}

struct Compiled;

impl Catalogue for Compiled {
    fn cards(&self) -> Vec<RuleCard> {
        all().iter().map(card).collect()
    }

    fn resolve(&self, code_or_name: &str) -> Option<String> {
        find(code_or_name.trim()).map(|rule| rule.code.to_string())
    }
}

fn card(rule: &Rule) -> RuleCard {
    RuleCard {
        code: rule.code.to_string(),
        name: rule.name.to_string(),
        summary: rule.summary.to_string(),
        severity: rule.severity.default,
        by_role: rule.severity.roles.to_vec(),
        confidence: rule.confidence,
        fix: rule.fixable(),
        page: rule.page().to_owned(),
        url: None,
    }
}
