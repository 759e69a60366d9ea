//! A pack: what scripts of one kind have to keep to, and which rules ask for it.
//!
//! A leaf without logic: the build fills it from `rules/packs.toml`; configurations choose by it and reports print it.

use crate::role::Role;

/// The contract of one kind of script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Such as `ocf`.
    pub name: &'static str,
    /// Which scripts it is for.
    pub summary: &'static str,
    /// The roles that such scripts have.
    pub roles: &'static [Role],
    /// Where the contract is written down.
    pub source: &'static str,
    /// What it says.
    pub clauses: &'static [Clause],
}

/// One sentence of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What holds for such a script.
    pub says: &'static str,
    /// The codes of the rules that ask for it; none where no rule does.
    pub rules: &'static [&'static str],
}

impl Pack {
    /// The codes of its rules, each once, in order.
    pub fn codes(&self) -> Vec<&'static str> {
        let mut codes: Vec<_> = self.clauses.iter().flat_map(|clause| clause.rules.iter().copied()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}
