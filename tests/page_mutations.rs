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

use mutators::subject::{Subject, Twin};
use mutators::{MUTATORS, Mutator, Verdict};
use noharm::discover;
use noharm::source::Source;
use noharm::syntax;
use noharm::syntax::tree::{Reader, Script};
use rayon::prelude::*;
use std::collections::BTreeMap;
use support::pages::{Block, Claim, pages, twins};

/// What must agree, in a hundred.
const AGREEMENT: usize = 99;

/// Findings with their lines, from 1, in order.
type Findings = Vec<(u32, String)>;

/// What became of the scripts that a mutator changed.
#[derive(Default)]
struct Tally {
    applied: usize,
    /// Where the verdict was not the one that was due: the script and what was due.
    disagreeing: Vec<String>,
}

impl Tally {
    /// Counts a script, and what is wrong with its verdict.
    fn add(&mut self, wrong: Option<String>) {
        self.applied += 1;
        self.disagreeing.extend(wrong);
    }
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
    let original = Scene::of(case.block);
    let Some(script) = original.read() else { return BTreeMap::new() };
    let partner = case.partner.filter(|_| original.due.is_empty()).map(marked);
    let twin = partner.map(|(partner, found)| Twin::new(&original.text, &partner, &found));
    let subject = Subject::new(case.block, &original.text, &script, &original.due, twin);
    let mut tallies = spelled(&original, &subject, case);
    for mutator in MUTATORS.iter().filter(|mutator| !mutator.spells) {
        if let Some(changed) = original.changed(mutator, &subject) {
            let due = match mutator.verdict {
                Verdict::Stays => changed.due_as_before(),
                Verdict::Flips => changed.due_as_in_twin(),
            };
            tallies.entry(mutator.name).or_default().add(due);
        }
    }
    tallies
}

/// Spells a block in all ways, one on top of the other, for each judgement takes its time. Where these together disagree,
/// each is judged alone.
fn spelled(original: &Scene, subject: &Subject, case: &Case) -> BTreeMap<&'static str, Tally> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut all = original.clone();
    let mut made = Vec::new();
    for mutator in MUTATORS.iter().filter(|mutator| mutator.spells) {
        let Some(script) = all.read() else { break };
        let subject = Subject::new(case.block, &all.text, &script, &all.due, None);
        if let Some(changed) = all.changed(mutator, &subject) {
            all = changed;
            made.push(mutator);
        }
    }
    let mut disagreement = all.due_as_before();
    for mutator in made {
        let alone = disagreement.as_ref().and_then(|_| original.changed(mutator, subject)?.due_as_before());
        tallies.entry(mutator.name).or_default().add(alone.clone());
        if alone.is_some() {
            disagreement = None;
        }
    }
    // None of them alone: then it is what they make together.
    if let (Some(disagreement), Some(mut tally)) = (disagreement, tallies.first_entry()) {
        tally.get_mut().disagreeing.push(disagreement);
    }
    tallies
}

/// A script, and what should be found in it.
#[derive(Clone)]
struct Scene {
    place: String,
    file: String,
    text: String,
    due: Findings,
}

impl Scene {
    /// What a page shows and claims.
    fn of(block: &Block) -> Self {
        let (text, due) = marked(block);
        Self { place: block.place.clone(), file: block.file().to_owned(), text, due }
    }

    /// Its tree, where it reads whole.
    fn read(&self) -> Option<Script> {
        let source = Source::new(&self.file, self.text.as_bytes().to_vec()).expect("small");
        let script = syntax::read(self.text.as_bytes(), discover::inspect(source.path(), source.bytes()).dialect);
        (script.reader == Reader::Strict && script.unread.is_empty()).then_some(script)
    }

    /// The script as a mutator makes it, where it can, and what should be found if that is the same.
    fn changed(&self, mutator: &Mutator, subject: &Subject) -> Option<Self> {
        let edits = mutator.edits(subject)?;
        let mut due: Findings =
            self.due.iter().map(|(line, code)| (edits.line(&self.text, *line), code.clone())).collect();
        due.sort();
        Some(Self { text: edits.apply(&self.text), due, ..self.clone() })
    }

    /// What is wrong where the same should be found on the same lines.
    fn due_as_before(&self) -> Option<String> {
        let found = self.found();
        (found != self.due).then(|| format!("{}: due {:?}, found {found:?}\n{}", self.place, self.due, self.text))
    }

    /// What is wrong where something should be found now.
    fn due_as_in_twin(&self) -> Option<String> {
        self.found().is_empty().then(|| format!("{}: nothing is found\n{}", self.place, self.text))
    }

    fn found(&self) -> Findings {
        let found = support::check_by_core(&self.file, &self.text).into_iter();
        let mut found: Findings = found.map(|found| (found.line as u32, found.code)).collect();
        found.sort();
        found
    }
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
