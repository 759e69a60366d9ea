//! What follows from a form's cases: facts after success and failure, the verdict on a second run, and the facts
//! that excuse it. Nobody types these in.
//!
//! It enumerates the small worlds of `world` and knows nothing of words, options or TOML.

use super::super::vocabulary::{FactKind, SecondRun, ThingKind};
use super::cases::{Case, Outcome};
use super::model::{FactRow, Touch, TouchRow, Transfer, When};
use super::world::{Change, From, Literal, Predicate, Things, World};
use std::collections::BTreeSet;

/// All that is derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// Known after success.
    pub ok: Vec<FactRow>,
    /// Known after failure, *could not ask* left out.
    pub fail: Vec<FactRow>,
    /// The verdict in the plainest world.
    pub second_run: SecondRun,
    /// Other verdicts in other worlds.
    pub second_run_elsewhere: Vec<SecondRun>,
    /// Facts each of which makes the second run harmless.
    pub excuses: Vec<FactRow>,
    /// What may change.
    pub touches: Vec<TouchRow>,
    /// Where content goes.
    pub transfers: Vec<Transfer>,
}

/// A fact that could be known, and the literals that make it true.
struct Candidate {
    row: FactRow,
    after: Vec<Literal>,
    before: Vec<Literal>,
}

/// One world in which the first run succeeds.
struct Passed {
    before: World,
    after: World,
    verdict: SecondRun,
}

/// Derives everything. `kinds` are the kinds of the things, `assume` what facts may take for granted, and `given`
/// restricts the worlds altogether. `None` if the command succeeds in no world.
pub fn derive(
    things: &Things,
    kinds: &[ThingKind],
    cases: &[Case],
    assume: &[Literal],
    given: &[Literal],
) -> Option<Derived> {
    let candidates = candidates(kinds);
    let (mut ok, mut fail): (Option<BTreeSet<usize>>, Option<BTreeSet<usize>>) = (None, None);
    let mut passed = Vec::new();
    for world in things.worlds(given) {
        let assumed = assume.iter().all(|literal| things.holds(&world, *literal));
        let (after, outcome) = run(things, cases, &world, 1)?;
        let edge = match outcome {
            Outcome::Ok => &mut ok,
            Outcome::Fail => &mut fail,
            Outcome::Unasked => continue,
        };
        if assumed {
            let hold: BTreeSet<usize> = (0..candidates.len())
                .filter(|index| candidates[*index].after.iter().all(|literal| things.holds(&after, *literal)))
                .collect();
            *edge = Some(match edge.take() {
                None => hold,
                Some(known) => known.intersection(&hold).copied().collect(),
            });
        }
        if outcome == Outcome::Ok {
            let (again, second) = run(things, cases, &after, 2)?;
            let verdict = if second == Outcome::Ok { difference(things, &after, &again) } else { SecondRun::Fails };
            passed.push(Passed { before: world, after, verdict });
        }
    }
    let rows = |edge: Option<BTreeSet<usize>>| {
        let rows = edge.unwrap_or_default().into_iter().map(|index| candidates[index].row);
        // What is known of a child only because its folder is taken to be none is not worth saying.
        weaker_dropped(&rows.filter(|row| assume.is_empty() || !things.is_child(row.thing)).collect::<Vec<_>>())
    };
    let plainest = passed.first()?;
    let elsewhere: BTreeSet<SecondRun> =
        passed.iter().map(|one| one.verdict).filter(|verdict| *verdict != plainest.verdict).collect();
    Some(Derived {
        ok: rows(ok),
        fail: rows(fail),
        second_run: plainest.verdict,
        excuses: if elsewhere.is_empty() && plainest.verdict == SecondRun::Ok {
            Vec::new()
        } else {
            excuses(things, &candidates, &passed)
        },
        second_run_elsewhere: elsewhere.into_iter().collect(),
        touches: touches(cases),
        transfers: transfers(things, cases, assume),
    })
}

/// The first case whose precondition holds is the one that happens. `None` if there is no such case.
fn run(things: &Things, cases: &[Case], world: &World, run: u8) -> Option<(World, Outcome)> {
    let holds =
        |case: &&Case| case.when.as_ref().is_some_and(|when| when.iter().all(|literal| things.holds(world, *literal)));
    let case = cases.iter().find(holds)?;
    let mut after = world.clone();
    for (thing, change) in &case.changes {
        things.apply(&mut after, *thing, change, run);
    }
    Some((after, case.outcome))
}

/// What a second run did to the state that the first one left: the worst of it.
fn difference(things: &Things, first: &World, second: &World) -> SecondRun {
    let mut worst = SecondRun::Ok;
    for thing in 0..things.len() {
        let (a, b) = (&first[thing], &second[thing]);
        let found = if b.count > a.count {
            match (a.count, things.is_child(thing)) {
                (0, true) => SecondRun::Nests,
                (0, false) => SecondRun::Differs,
                _ => SecondRun::Duplicates,
            }
        } else if b.count < a.count || a.count > 0 && a.shape != b.shape {
            SecondRun::Differs
        } else if a.count > 0 && a.content != b.content {
            if matches!(b.content, super::world::Content::Stepped(_)) { SecondRun::Differs } else { SecondRun::Resets }
        } else {
            SecondRun::Ok
        };
        if badness(found) > badness(worst) {
            worst = found;
        }
    }
    worst
}

const fn badness(verdict: SecondRun) -> u8 {
    match verdict {
        SecondRun::Ok => 0,
        SecondRun::Differs => 1,
        SecondRun::Duplicates => 2,
        SecondRun::Nests => 3,
        SecondRun::Resets => 4,
        SecondRun::Fails => 5,
    }
}

/// A fact excuses if a first run can pass where it holds, and in every world in which it still holds afterwards (so
/// that a guard lets the command through again) the second run does no harm.
fn excuses(things: &Things, candidates: &[Candidate], passed: &[Passed]) -> Vec<FactRow> {
    candidates
        .iter()
        .filter(|candidate| {
            let agrees = |world: &World| candidate.before.iter().all(|literal| things.holds(world, *literal));
            let mut some = false;
            let harmless = passed.iter().filter(|one| agrees(&one.before)).all(|one| {
                some = true;
                one.verdict == SecondRun::Ok || !agrees(&one.after)
            });
            harmless && some
        })
        .map(|candidate| candidate.row)
        .collect()
}

/// Every fact that cases can speak of.
fn candidates(kinds: &[ThingKind]) -> Vec<Candidate> {
    let mut all = Vec::new();
    for (thing, kind) in kinds.iter().enumerate() {
        let literal = |predicate, holds| Literal { thing, predicate, holds };
        let mut push = |fact, other, after: Vec<Literal>, before: Vec<Literal>| {
            all.push(Candidate { row: FactRow { fact, thing, other, when: When::Always }, after, before });
        };
        let (there, gone) = match kind {
            ThingKind::Path => {
                use Predicate::{Dir, File, Filled, Link, Present, Resolves};
                let mut both = |fact, literals: Vec<Literal>| push(fact, None, literals.clone(), literals);
                both(FactKind::Exists, vec![literal(Resolves, true)]);
                both(FactKind::IsFile, vec![literal(File, true)]);
                both(FactKind::IsDir, vec![literal(Dir, true)]);
                both(FactKind::IsLink, vec![literal(Link, true)]);
                both(FactKind::NonEmptyFile, vec![literal(File, true), literal(Filled, true)]);
                both(FactKind::EmptyDir, vec![literal(Dir, true), literal(Filled, false)]);
                // A test that follows links and says no is taken for absence; as an excuse, absence is meant in full.
                push(FactKind::Absent, None, vec![literal(Resolves, false)], vec![literal(Present, false)]);
                for (other, other_kind) in kinds.iter().enumerate() {
                    if other != thing && *other_kind == ThingKind::Path {
                        let same = |holds| vec![literal(Predicate::Same(other), holds)];
                        push(FactKind::SameContent, Some(other), same(true), same(true));
                    }
                }
                continue;
            }
            ThingKind::Text => (FactKind::Contains, FactKind::ContainsNot),
            ThingKind::Service => (FactKind::Active, FactKind::Inactive),
            ThingKind::Value => (FactKind::NonEmpty, FactKind::IsEmpty),
            _ => (FactKind::Exists, FactKind::Absent),
        };
        for (fact, holds) in [(there, true), (gone, false)] {
            let present = vec![literal(Predicate::Present, holds)];
            push(fact, None, present.clone(), present);
        }
    }
    all
}

/// Drops what a stronger fact of the same thing implies.
fn weaker_dropped(rows: &[FactRow]) -> Vec<FactRow> {
    let has = |thing, fact| rows.iter().any(|row| row.thing == thing && row.fact == fact);
    rows.iter()
        .filter(|row| match row.fact {
            FactKind::Exists => !(has(row.thing, FactKind::IsFile) || has(row.thing, FactKind::IsDir)),
            FactKind::IsFile => !has(row.thing, FactKind::NonEmptyFile),
            FactKind::SameContent => row.other.is_none_or(|other| {
                // Both directions hold; the one that speaks of the later thing is the copy.
                row.thing > other || !rows.iter().any(|back| back.thing == other && back.other == Some(row.thing))
            }),
            _ => true,
        })
        .copied()
        .collect()
}

fn touches(cases: &[Case]) -> Vec<TouchRow> {
    let mut rows = BTreeSet::new();
    for (thing, change) in cases.iter().flat_map(|case| &case.changes) {
        let touch = match change {
            Change::Present | Change::File | Change::Dir => Touch::Made,
            Change::Absent | Change::Less => Touch::Removed,
            Change::More => Touch::Added,
            Change::Link(_) | Change::Becomes(_) | Change::Fresh | Change::Edit | Change::Step => Touch::Written,
        };
        rows.insert(TouchRow { thing: *thing, touch });
    }
    rows.into_iter().collect()
}

/// Content goes along where the case can happen under what is assumed.
fn transfers(things: &Things, cases: &[Case], assume: &[Literal]) -> Vec<Transfer> {
    let mut rows = BTreeSet::new();
    for case in cases {
        let against = |literal: &Literal| {
            assume.iter().any(|assumed| {
                assumed.thing == literal.thing
                    && assumed.predicate == literal.predicate
                    && assumed.holds != literal.holds
            })
        };
        if case.when.as_ref().is_none_or(|when| when.iter().any(against)) {
            continue;
        }
        for (to, change) in &case.changes {
            if let Change::Becomes(From::Thing(from)) = change
                && things.is_path(*from)
                && things.is_path(*to)
            {
                rows.insert(Transfer { from: *from, to: *to });
            }
        }
    }
    rows.into_iter().collect()
}

/// What a test proves: the facts on both edges of a question about one or two paths.
pub fn derive_test(yes: &[Literal], things: &Things, kinds: &[ThingKind]) -> (Vec<FactKind>, Vec<FactKind>) {
    let case = |when: Vec<Literal>, outcome| Case { when: Some(when), outcome, code: 0, changes: Vec::new() };
    let cases = [case(yes.to_vec(), Outcome::Ok), case(Vec::new(), Outcome::Fail)];
    let facts = |rows: Vec<FactRow>| rows.into_iter().filter(|row| row.thing == 0).map(|row| row.fact).collect();
    derive(things, kinds, &cases, &[], &[]).map(|derived| (facts(derived.ok), facts(derived.fail))).unwrap_or_default()
}
