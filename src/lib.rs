//! noharm reads the scripts that run when something is already broken and says where running them could
//! make things worse.
//!
//! The road through the code, left to right; a stage imports only stages to its left, and leaves:
//!
//! `discover → source → syntax → flow → effects → rules → policy → fix → report`
//!
//! [`Book::check`] is that road for one file, from its text to what is shown, and [`Book::mend`] goes it until
//! nothing is left to mend. Neither touches the world but through a [`source::Loader`]. A [`Book`] is what scripts
//! are judged by; [`check`] and [`mend`] judge by what is built in.

pub mod account;
pub mod cli;
pub mod config;
pub mod dialect;
pub mod directive;
pub mod discover;
pub mod effects;
pub mod finding;
pub mod fix;
pub mod flow;
pub mod knowledge;
pub mod plan;
pub mod policy;
pub mod report;
pub mod role;
pub mod rules;
pub mod source;
pub mod span;
pub mod syntax;
pub mod trial;

mod analysis;
mod book;

pub use book::{Book, Mistake};
pub use policy::Report;

use finding::{Applicability, Catalogue, Finding};

/// Checks one text by what is built in.
pub fn check(source: &source::Source, settings: &config::Settings, loader: &dyn source::Loader) -> Report {
    Book::builtin().check(source, settings, loader)
}

/// Mends one text by what is built in.
pub fn mend(
    source: &source::Source,
    settings: &config::Settings,
    loader: &dyn source::Loader,
    allowed: Applicability,
) -> fix::Outcome {
    Book::builtin().mend(source, settings, loader, &allowed.into())
}

/// How policy chooses.
type Choose = fn(Vec<Finding>, &policy::Case<'_>, &config::Settings, &dyn Catalogue) -> policy::Verdict;

impl Book {
    /// Checks one text: the stages in order, and nothing else.
    pub fn check(&self, source: &source::Source, settings: &config::Settings, loader: &dyn source::Loader) -> Report {
        self.report(source, settings, loader, policy::decide)
    }

    /// Mends one text with the fixes that are wanted, until nothing changes.
    pub fn mend(
        &self,
        source: &source::Source,
        settings: &config::Settings,
        loader: &dyn source::Loader,
        wanted: &fix::Wanted,
    ) -> fix::Outcome {
        fix::until_stable(source, wanted, &|source| self.reading(source, settings, loader))
    }

    /// Mends one text with those of the fixes that somebody says yes to.
    pub fn mend_asking(
        &self,
        source: &source::Source,
        settings: &config::Settings,
        loader: &dyn source::Loader,
        wanted: &fix::Wanted,
        ask: &mut dyn FnMut(&fix::Proposal<'_>) -> fix::Reply,
    ) -> fix::Outcome {
        fix::asking(source, wanted, &|source| self.reading(source, settings, loader), ask)
    }

    fn reading(
        &self,
        source: &source::Source,
        settings: &config::Settings,
        loader: &dyn source::Loader,
    ) -> fix::Reading {
        let report = self.report(source, settings, loader, policy::decide_singly);
        fix::Reading { complete: report.complete, findings: report.findings }
    }

    /// Tells of every effect that begins in a part of a text why it is or is not a finding.
    pub fn explain(
        &self,
        source: &source::Source,
        settings: &config::Settings,
        loader: &dyn source::Loader,
        part: span::Span,
    ) -> Vec<account::Account> {
        let (script, analysis, _) = self.analysed(source, settings, loader, Some(part));
        let case = policy_case(source, &script, &analysis);
        let fates = policy::fates(analysis.findings, &case, settings, self);
        let mut accounts = analysis.accounts;
        for account in &mut accounts {
            for verdict in &mut account.verdicts {
                let same = |finding: &Finding| *finding.code == *verdict.code && finding.span == account.span;
                if let account::Decision::Found(severity, _, fate) = &mut verdict.decision
                    && let Some((finding, decided)) = fates.iter().find(|(finding, _)| same(finding))
                {
                    (*severity, *fate) = (finding.severity, *decided);
                }
            }
        }
        accounts
    }

    fn analysed(
        &self,
        source: &source::Source,
        settings: &config::Settings,
        loader: &dyn source::Loader,
        explained: Option<span::Span>,
    ) -> (syntax::tree::Script, analysis::Analysis, discover::Hint) {
        let mut hint = discover::inspect(source.path(), source.bytes());
        if let Some(role) = settings.role_of(source.path()) {
            hint.assign(role);
        }
        let script = syntax::read(&source.readable(), hint.dialect);
        let is_on = |severity| severity != finding::Severity::Off;
        let switched_on = |code: &str, name: &str| settings.severity_of(source.path(), code, name).is_some_and(is_on);
        let wanted = analysis::Wanted { explained, switched_on: &switched_on };
        let analysis = analysis::analyse(self, &script, source, &hint, loader, &wanted);
        (script, analysis, hint)
    }

    fn report(
        &self,
        source: &source::Source,
        settings: &config::Settings,
        loader: &dyn source::Loader,
        choose: Choose,
    ) -> Report {
        let (script, analysis, hint) = self.analysed(source, settings, loader, None);
        let case = policy_case(source, &script, &analysis);
        let verdict = choose(analysis.findings, &case, settings, self);
        Report {
            path: source.path().to_path_buf(),
            role: analysis.role,
            dialect: hint.dialect,
            complete: analysis.complete,
            findings: verdict.findings,
            fingerprints: verdict.fingerprints,
            hidden: verdict.hidden,
            plan: analysis.plan,
        }
    }
}

fn policy_case<'a>(
    source: &'a source::Source,
    script: &'a syntax::tree::Script,
    analysis: &analysis::Analysis,
) -> policy::Case<'a> {
    policy::Case {
        source,
        role: analysis.role,
        comments: &script.comments,
        first_statement: script.body.statements.first().map_or(u32::MAX, |first| first.span.start),
        complete: analysis.complete,
    }
}
