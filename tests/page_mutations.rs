//! Mutation of the pages: scripts whose verdict is known, changed in ways whose effect on the verdict is known.
//!
//! Every block of `docs/semantics` that has a verdict is changed by every mutator that can be (`mutators`). Some changes
//! say nothing, such as another name for a variable: the same must be found on the same lines. Others take a guard away:
//! a silent script must be told what its twin is told. What is understood only as it was written on the page shows here.
//!
//! Not all agree, and those that do not are printed, ten of each mutator (`--nocapture`), or all of them where
//! `NOHARM_DISAGREEING` is set. How many may disagree is what the test holds.

mod mutators;
mod support;

use mutators::edits::Edits;
use mutators::subject::{Subject, Twin};
use mutators::{MUTATORS, Mutator, Verdict};
use noharm::discover;
use noharm::source::Source;
use noharm::syntax;
use noharm::syntax::tree::Reader;
use rayon::prelude::*;
use std::collections::BTreeMap;
use support::pages::{Block, Claim, pages, twins};

/// What must agree, in a hundred.
const AGREEMENT: usize = 98;

/// Findings with their lines, from 1, in order.
type Findings = Vec<(u32, String)>;

/// What became of the scripts that a mutator changed.
#[derive(Default)]
struct Tally {
    applied: usize,
    /// Where the verdict was not the one that was due: the script and what was due.
    disagreeing: Vec<String>,
}

/// A block and its partner, where it is one of twins.
struct Case<'b> {
    block: &'b Block,
    partner: Option<&'b Block>,
}

#[test]
fn verdicts_follow_what_a_script_does_and_not_how_it_is_written() {
    let blocks = pages();
    let tallies: Vec<BTreeMap<&str, Tally>> = cases(&blocks).par_iter().map(mutate).collect();
    let mut all: BTreeMap<&str, Tally> = BTreeMap::new();
    for (name, tally) in tallies.into_iter().flatten() {
        let sum = all.entry(name).or_default();
        sum.applied += tally.applied;
        sum.disagreeing.extend(tally.disagreeing);
    }
    let shown = if std::env::var_os("NOHARM_DISAGREEING").is_some() { usize::MAX } else { 10 };
    let (mut applied, mut agreed, mut rare) = (0, 0, Vec::new());
    for Mutator { name, least, .. } in MUTATORS {
        let tally = all.remove(name).unwrap_or_default();
        let disagreeing = tally.disagreeing.len();
        tally.disagreeing.iter().take(shown).for_each(|script| println!("{name}: {script}"));
        println!("{name}: applied {}, {disagreeing} disagree", tally.applied);
        applied += tally.applied;
        agreed += tally.applied - disagreeing;
        if tally.applied < *least {
            rare.push(format!("{name} was applied {} times, and {least} are expected at least", tally.applied));
        }
    }
    println!("all: applied {applied}, {} disagree", applied - agreed);
    assert!(rare.is_empty(), "{}", rare.join("\n"));
    assert!(agreed * 100 >= applied * AGREEMENT, "of {applied} scripts, {agreed} have the verdict that is due");
}

/// The blocks with a verdict.
fn cases(blocks: &[Block]) -> Vec<Case<'_>> {
    let pairs = twins(blocks);
    let partner = |block: &Block| {
        let pair = pairs.iter().find(|pair| pair.iter().any(|twin| std::ptr::eq(*twin, block)))?;
        pair.iter().copied().find(|twin| !std::ptr::eq(*twin, block))
    };
    let with_verdict = blocks.iter().filter(|block| block.has_verdict());
    with_verdict.map(|block| Case { block, partner: partner(block) }).collect()
}

/// Changes a block in all ways.
fn mutate(case: &Case) -> BTreeMap<&'static str, Tally> {
    let (text, found) = marked(case.block);
    let source = Source::new(case.block.file(), text.as_bytes().to_vec()).expect("small");
    let script = syntax::read(text.as_bytes(), discover::inspect(source.path(), source.bytes()).dialect);
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    if script.reader != Reader::Strict || !script.unread.is_empty() {
        return tallies;
    }
    let partner = case.partner.filter(|_| found.is_empty()).map(marked);
    let told = partner.iter().flat_map(|(_, found)| found).map(|(_, code)| code.as_str()).collect::<Vec<_>>();
    let twin = partner.as_ref().map(|(partner, found)| Twin::new(&text, partner, found));
    let subject = Subject::new(case.block, &text, &script, &found, twin);
    for Mutator { name, verdict, mutate, .. } in MUTATORS {
        for edits in mutate(&subject).into_iter().filter(|edits| !edits.is_empty()) {
            let changed = edits.apply(&text);
            let due = match verdict {
                Verdict::Stays => due_as_before(&text, &found, &edits, &changed, case.block.file()),
                Verdict::Flips => due_as_in_twin(&told, &changed, case.block.file()),
            };
            let tally = tallies.entry(name).or_default();
            tally.applied += 1;
            tally.disagreeing.extend(due.map(|due| format!("{}: {due}\n{changed}", case.block.place)));
        }
    }
    tallies
}

/// What is wrong where the same should be found on the same lines.
fn due_as_before(text: &str, before: &Findings, edits: &Edits, changed: &str, file: &str) -> Option<String> {
    let mut due: Findings = before.iter().map(|(line, code)| (edits.line(text, *line), code.clone())).collect();
    due.sort();
    let found = check(file, changed);
    (found != due).then(|| format!("due {due:?}, found {found:?}"))
}

/// What is wrong where something should be found now.
fn due_as_in_twin(told: &[&str], changed: &str, file: &str) -> Option<String> {
    check(file, changed).is_empty().then(|| format!("due as {told:?}, found nothing"))
}

fn check(file: &str, text: &str) -> Findings {
    let mut found: Findings =
        support::check(file, text).into_iter().map(|found| (found.line as u32, found.code)).collect();
    found.sort();
    found
}

/// The script of a block and what is found in it.
fn marked(block: &Block) -> (String, Findings) {
    let (text, claims) = block.script();
    let found = claims.into_iter().filter_map(|(line, claim)| match claim {
        Claim::Found(code) => Some((line, code)),
        _ => None,
    });
    (text, found.collect())
}
