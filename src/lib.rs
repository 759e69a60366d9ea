//! noharm reads the scripts that run when something is already broken and says where running them could
//! make things worse.
//!
//! The road through the code, left to right; a stage imports only stages to its left, and leaves:
//!
//! `discover → source → syntax → flow → effects → rules → policy → fix → report`
//!
//! [`check`] is that road for one file, from its text to what is shown, and [`mend`] goes it until nothing is
//! left to mend. Neither touches the world but through a [`source::Loader`].

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

mod analysis;

pub use analysis::catalogue;
pub use policy::Report;

use finding::{Applicability, Catalogue, Finding};

/// Checks one text: the stages in order, and nothing else.
pub fn check(source: &source::Source, settings: &config::Settings, loader: &dyn source::Loader) -> Report {
    report(source, settings, loader, policy::decide)
}

/// How policy chooses.
type Choose = fn(Vec<Finding>, &policy::Case<'_>, &config::Settings, &dyn Catalogue) -> policy::Verdict;

fn report(source: &source::Source, settings: &config::Settings, loader: &dyn source::Loader, choose: Choose) -> Report {
    let mut hint = discover::inspect(source.path(), source.bytes());
    if let Some(role) = settings.role_of(source.path()) {
        hint.assign(role);
    }
    let script = syntax::read(&source.readable(), hint.dialect);
    let analysis = analysis::analyse(&script, source, &hint, loader);
    let case = policy::Case {
        source,
        role: analysis.role,
        comments: &script.comments,
        first_statement: script.body.statements.first().map_or(u32::MAX, |first| first.span.start),
        complete: analysis.complete,
    };
    let verdict = choose(analysis.findings, &case, settings, catalogue());
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

/// Mends one text with the fixes that can be trusted as far as `allowed`, until nothing changes.
pub fn mend(
    source: &source::Source,
    settings: &config::Settings,
    loader: &dyn source::Loader,
    allowed: Applicability,
) -> fix::Outcome {
    fix::until_stable(source, allowed, &|source| {
        let report = report(source, settings, loader, policy::decide_singly);
        fix::Reading { complete: report.complete, findings: report.findings }
    })
}
