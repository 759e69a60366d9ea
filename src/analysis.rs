//! The stages between the reading of a script and the judgement of its findings, in order.

use crate::discover::Hint;
use crate::effects;
use crate::finding::{Catalogue, Finding};
use crate::flow;
use crate::knowledge::Knowledge;
use crate::plan::PlanRow;
use crate::role::Role;
use crate::rules;
use crate::source::{Loader, Source};
use crate::syntax::tree::{Script, UnreadReason};

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
pub fn analyse(script: &Script, source: &Source, hint: &Hint, _loader: &dyn Loader) -> Analysis {
    let knowledge = Knowledge::builtin();
    let bytes = source.readable();
    let commands = effects::Returns(knowledge);
    let forest = flow::forest::Forest::grow(script, &bytes, hint.dialect, &commands);
    let graph = flow::build(&forest);
    let flow = flow::solve(graph, hint.dialect, hint.options.errexit, &commands);
    let analysis =
        effects::analyse(flow, knowledge, &bytes, &effects::Questions { asked: &rules::asked, owed: &rules::owed });
    let unread: Vec<_> =
        script.unread.iter().map(|unread| (unread.span, unread.reason == UnreadReason::Malformed)).collect();
    let case = rules::Case { analysis: &analysis, role: hint.role, unread: &unread, knowledge };
    Analysis {
        role: hint.role,
        findings: rules::judge(&case),
        plan: effects::plan(&analysis),
        complete: script.unread.is_empty() && analysis.complete,
    }
}

/// Every rule there is.
pub fn catalogue() -> &'static dyn Catalogue {
    rules::catalogue()
}
