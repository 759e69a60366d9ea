//! The stages between the reading of a script and the judgement of its findings, in order.

use crate::account::Account;
use crate::book::Book;
use crate::discover::{self, Evidence, Hint};
use crate::effects;
use crate::finding::Finding;
use crate::flow;
use crate::flow::sourced::Sourced;
use crate::knowledge::Knowledge;
use crate::plan::PlanRow;
use crate::role::Role;
use crate::rules;
use crate::source::{Loader, Source};
use crate::span::Span;
use crate::syntax;
use crate::syntax::tree::{AndOr, Command, CommandKind, Script, Simple, Statement, UnreadReason};

/// What the analysis of one script says.
pub struct Analysis {
    /// Why it runs, decided by what it does.
    pub role: Role,
    /// All findings, whatever is shown of them.
    pub findings: Vec<Finding>,
    /// What the script does.
    pub plan: Vec<PlanRow>,
    /// Why what was asked about is or is not a finding.
    pub accounts: Vec<Account>,
    /// Whether every region was understood and the analysis came to its end.
    pub complete: bool,
}

/// What is asked of an analysis beside its findings.
pub struct Wanted<'a> {
    /// Effects that begin in this part of the text are accounted for.
    pub explained: Option<Span>,
    /// Whether the user wants a rule by its code or its name, even where it is off for the role of the script.
    pub switched_on: &'a dyn Fn(&str, &str) -> bool,
}

/// Analyses a script by a book.
pub fn analyse(
    Book { knowledge, rules }: &Book,
    script: &Script,
    source: &Source,
    hint: &Hint,
    loader: &dyn Loader,
    &Wanted { explained, switched_on }: &Wanted<'_>,
) -> Analysis {
    let read = as_read(script);
    let script = read.as_ref().unwrap_or(script);
    let commands = effects::Returns(knowledge);
    let sourced = Sourced::gather(script, source.readable(), source.path(), hint.dialect, loader);
    let forest = flow::forest::Forest::grow(script, &sourced, hint.dialect, &commands);
    let texts: Vec<Span> = forest.texts().collect();
    let graph = flow::build(&forest, hint.ends_by_return());
    let flow = flow::solve(graph, hint.dialect, hint.options.errexit, &commands);
    // Where neither place nor name tells, what the script does may: it works for others alone.
    let others_call = hint.evidence == Evidence::None && flow.only_defines(sourced.end);
    let role = if others_call { Role::Library } else { hint.role };
    let prepared = prepared_before(source, hint, loader, knowledge);
    let marks = rules::marks(rules);
    let questions = effects::Questions {
        marks: &marks,
        asked: &|occurrence| rules::asked(rules, occurrence),
        owed: &|occurrence| rules::owed(rules, occurrence),
        losable: &|occurrence| rules::asks_of_failure(rules, occurrence),
        prepared: &prepared,
        script: source.path().file_name().and_then(|name| name.to_str()).unwrap_or_default(),
        explained,
        end: sourced.end,
        texts: &texts,
    };
    let analysis = effects::analyse(flow, knowledge, &sourced.text, &questions);
    let unread: Vec<_> =
        script.unread.iter().map(|unread| (unread.span, unread.reason == UnreadReason::Malformed)).collect();
    let case = rules::Case { analysis: &analysis, role, unread: &unread, knowledge, rules, switched_on };
    Analysis {
        role,
        findings: rules::judge(&case),
        plan: effects::plan(&analysis),
        accounts: explained.map(|part| rules::accounts(&case, part)).unwrap_or_default(),
        complete: unread.is_empty() && analysis.complete,
    }
}

/// A script up to where the shell stops reading it, where it holds more that was not understood. The shell reads line by line,
/// and what stands behind an `exec` or an `exit` that nothing decides about may be text of another language.
fn as_read(script: &Script) -> Option<Script> {
    // What is sent to the background ends nothing.
    let ends = |statement: &Statement| statement.ampersand.is_none() && ends_reading(&statement.command);
    let at = script.body.statements.iter().position(ends)?;
    let end = script.body.statements[at].command.span.end;
    script.unread.iter().any(|unread| unread.span.start >= end).then(|| {
        let mut read = script.clone();
        read.body.statements.truncate(at + 1);
        read.body.span.end = end;
        read.unread.retain(|unread| unread.span.start < end);
        read
    })
}

/// Whether nothing behind a command is read: it is an `exit`, or an `exec` of a program; or there is no way past it, as in
/// `type wish && exec wish "$0" || echo "no wish" && exit 1`, with which scripts of other languages begin.
fn ends_reading(command: &Command) -> bool {
    match &command.kind {
        CommandKind::Simple(simple) => match first_word(simple).as_deref() {
            Some("exit") => true,
            Some("exec") => simple.words.len() > 1,
            _ => false,
        },
        CommandKind::AndOr { left, operator: AndOr::And, right, .. } => ends_reading(right) && only_tells(left),
        _ => false,
    }
}

/// Whether a list goes on only behind a message: all else in it is what an `exec` depends on.
fn only_tells(list: &Command) -> bool {
    match &list.kind {
        CommandKind::AndOr { left, operator: AndOr::Or, right, .. } => {
            let tells =
                matches!(&right.kind, CommandKind::Simple(simple) if first_word(simple).as_deref() == Some("echo"));
            let execs = |command: &Command| match &command.kind {
                CommandKind::AndOr { operator: AndOr::And, right, .. } => ends_reading(right),
                _ => ends_reading(command),
            };
            tells && execs(left)
        }
        _ => false,
    }
}

fn first_word(simple: &Simple) -> Option<std::borrow::Cow<'_, str>> {
    simple.words.first().and_then(flow::forest::constant)
}

/// What a script which runs before this one has done for it.
fn prepared_before(source: &Source, hint: &Hint, loader: &dyn Loader, knowledge: &Knowledge) -> effects::Prepared {
    let beside = effects::config_beside(source.path()).filter(|_| hint.role == Role::Maintainer);
    let Some(path) = beside else { return effects::Prepared::default() };
    let Ok(config) = loader.load(&path) else { return effects::Prepared::unread() };
    let hint = discover::inspect(config.path(), config.bytes());
    let script = syntax::read(&config.readable(), hint.dialect);
    let sourced = Sourced::alone(config.readable());
    let forest = flow::forest::Forest::grow(&script, &sourced, hint.dialect, &effects::Returns(knowledge));
    let flow = flow::solve(
        flow::build(&forest, hint.ends_by_return()),
        hint.dialect,
        hint.options.errexit,
        &effects::Returns(knowledge),
    );
    effects::prepared(flow, knowledge, &sourced.text)
}
