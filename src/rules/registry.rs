//! The rules that scripts are judged by: those that are compiled in, and a user's own.
//!
//! The table is written by the build script from `rules/`; nothing is registered by hand.

use super::file::{EffectPattern, Rule};
use super::parse::parse_rule;
use super::parse_table::Problem;
use crate::finding::{Catalogue, Pack, RuleCard};
use crate::knowledge::EffectKind;
use hashbrown::HashMap;
use std::sync::LazyLock;

// The table need not use every word of every closed list.
#[allow(clippy::wildcard_imports, unused_imports)]
mod table {
    use crate::finding::{Applicability, Clause, Confidence, Pack, Severity};
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

    /// The packs.
    pub(super) fn packs() -> &'static [Pack] {
        PACKS
    }
}

/// Every rule that is compiled in, in the order of their codes.
pub fn all() -> &'static [Rule] {
    table::rules()
}

/// The compiled rule with this code or this name.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    all().iter().find(|rule| is_called(rule, code_or_name))
}

fn is_called(rule: &Rule, code_or_name: &str) -> bool {
    rule.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name
}

/// The rules that are compiled in, and those that a user adds.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The user's, each with the path of its file.
    own: Vec<(String, Rule)>,
}

static BUILTIN: Rules = Rules { own: Vec::new() };

impl Rules {
    /// Those that are compiled in.
    pub fn builtin() -> &'static Rules {
        &BUILTIN
    }

    /// Those that are compiled in, and the ones in these rule files (path and text).
    ///
    /// # Errors
    ///
    /// The first mistake in each file, with its place; a code or a name that another rule has.
    pub fn with(files: &[(String, String)]) -> Result<Rules, Vec<Problem>> {
        let mut own: Vec<(String, Rule)> = Vec::new();
        let mut problems = Vec::new();
        for (path, text) in files {
            // A file that was written on Windows is read as it is meant; places are the same in both.
            match parse_rule(path, &text.replace("\r\n", "\n")) {
                Ok(rule) => match all()
                    .iter()
                    .chain(own.iter().map(|(_, rule)| rule))
                    .find(|other| is_called(other, &rule.code) || other.name == rule.name)
                {
                    None => own.push((path.clone(), rule)),
                    Some(other) => problems.push(Problem {
                        path: path.clone(),
                        line: 1,
                        column: 1,
                        message: format!(
                            "{} {} is already the rule {} {}",
                            rule.code, rule.name, other.code, other.name
                        ),
                    }),
                },
                Err(problem) => problems.push(problem),
            }
        }
        own.sort_by(|(_, left), (_, right)| left.code.cmp(&right.code));
        if problems.is_empty() { Ok(Self { own }) } else { Err(problems) }
    }

    /// All of them: the compiled ones first, each in the order of their codes.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        all().iter().chain(self.own.iter().map(|(_, rule)| rule))
    }

    /// The rules that may concern an effect of this kind, each with what it asks of the effect; the compiled ones first.
    pub fn about(&self, kind: EffectKind) -> impl Iterator<Item = (&Rule, &EffectPattern)> {
        let own = self.own.iter().map(|(_, rule)| rule);
        let compiled = BY_KIND.of_kind.get(&kind).unwrap_or(&BY_KIND.of_any);
        compiled.iter().copied().chain(own.filter_map(move |rule| concerned(rule, kind)))
    }

    /// The user's, each with the path of its file.
    pub fn own(&self) -> &[(String, Rule)] {
        &self.own
    }
}

/// The compiled rules by the kinds of effect that they ask for: a long script has effects by the hundred thousand.
struct ByKind {
    of_kind: HashMap<EffectKind, Vec<(&'static Rule, &'static EffectPattern)>>,
    /// Those that ask for none.
    of_any: Vec<(&'static Rule, &'static EffectPattern)>,
}

static BY_KIND: LazyLock<ByKind> = LazyLock::new(|| {
    let patterns = || all().iter().filter_map(|rule| Some((rule, rule.effect()?)));
    let kinds = patterns().flat_map(|(_, pattern)| pattern.kind.iter().copied());
    ByKind {
        of_kind: kinds.map(|kind| (kind, all().iter().filter_map(|rule| concerned(rule, kind)).collect())).collect(),
        of_any: patterns().filter(|(_, pattern)| pattern.kind.is_empty()).collect(),
    }
});

fn concerned(rule: &Rule, kind: EffectKind) -> Option<(&Rule, &EffectPattern)> {
    let pattern = rule.effect()?;
    (pattern.kind.is_empty() || pattern.kind.contains(&kind)).then_some((rule, pattern))
}

impl Catalogue for Rules {
    fn cards(&self) -> Vec<RuleCard> {
        self.all().map(card).collect()
    }

    fn resolve(&self, code_or_name: &str) -> Option<String> {
        self.all().find(|rule| is_called(rule, code_or_name.trim())).map(|rule| rule.code.to_string())
    }

    fn packs(&self) -> &'static [Pack] {
        table::packs()
    }

    fn url(&self, _code: &str) -> Option<String> {
        None
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
