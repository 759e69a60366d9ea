//! Steps with their facts as bits.

use super::bits::Few;
use super::merged::{Change, Merged};
use super::restored::Restored;
use super::step::Step;
use super::thing::{Fact, ThingId, Things};
use super::turns::Turns;
use super::twins::Answers;
use super::universe::{Universe, is_negative};
use super::variants::Variants;
use crate::flow::graph::Slot;
use crate::knowledge::{FactKind, ThingKind, Touch};
use crate::span::Span;
use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Rc;
use thin_vec::ThinVec;

/// A step with its facts as bits.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Ends whatever the outcome, before content is carried.
    pub ends: Few,
    /// Ends with success, before content is carried: what a failure leaves as it was.
    pub replaces: Few,
    /// Ends whatever the outcome, after content was carried (the source of a move).
    pub late_ends: Few,
    /// Pairs of bits: the second holds where the first does.
    pub carries: ThinVec<(usize, usize)>,
    /// Pairs of bits: with success the first ends where the second surely does not hold.
    pub limits: ThinVec<(usize, usize)>,
    /// After success the second holds where all of the first did.
    pub keeps: ThinVec<(Vec<usize>, usize)>,
    /// Pairs of bits: where the first surely holds, the second is not ended. Removing what was looked at, or where there
    /// is nothing to lose, is no loss.
    pub spares: ThinVec<(usize, usize)>,
    /// The second holds where all of the first do: it is about a value that is one of theirs.
    pub gathers: ThinVec<(Vec<usize>, usize)>,
    /// A bit of a file, and the one that holds with it of what a word of the command has all of.
    pub copies: ThinVec<(usize, usize)>,
    /// Pairs of bits: the first holds only where the second does, too.
    pub narrows: ThinVec<(usize, usize)>,
    /// Hold of values that are made anew: nothing was done to what they name. And what begins here.
    pub reborn: Few,
    /// Hold whatever the outcome, after what it ends: debts that it pays.
    pub paid: SmallVec<[Rc<Few>; 1]>,
    /// Holds after success.
    pub ok: Few,
    /// Holds after failure.
    pub fail: Few,
    /// Ends with success.
    pub ok_ends: Few,
    /// Ends with failure.
    pub fail_ends: Few,
    /// Facts about merged things that may be complete after success, and after failure, by their numbers.
    pub completes: [ThinVec<u32>; 2],
    /// Answers that it may change.
    pub forgets: ThinVec<Slot>,
}

/// What steps are compiled with.
pub struct Compiler<'a> {
    /// The followed facts.
    pub universe: &'a Universe,
    /// What they are about.
    pub things: &'a Things,
    /// The services whose configuration a path is.
    pub written: &'a dyn Fn(ThingId) -> &'a [ThingId],
    /// The bits that paying what is owed makes.
    pub settled: &'a HashMap<Fact, Rc<Few>>,
    /// The questions that are asked more than once.
    pub answers: &'a Answers,
    /// What things may be.
    pub variants: &'a Variants,
    /// What is known of those.
    pub merged: &'a Merged,
    /// What the turns of loops make.
    pub turns: &'a Turns,
    /// What is put back as it was found.
    pub restored: &'a Restored,
    /// The facts about which commands there are.
    pub commands: &'a [usize],
    /// What changes end that were met before.
    pub changes: Changes,
}

/// What changes of things end, where that is much: a script that unpacks into its directory again and again ends each time
/// all that is known of what lies in it.
#[derive(Default)]
pub struct Changes {
    known: RefCell<HashMap<Change, Rc<Few>>>,
}

/// What a change ends.
enum Ended {
    Few(Vec<usize>),
    Many(Rc<Few>),
}

/// So many facts are worth being kept together.
const MANY: usize = 64;

impl Changes {
    fn ended(&self, change: Change, compiler: &Compiler<'_>) -> Ended {
        if let Some(known) = self.known.borrow().get(&change) {
            return Ended::Many(Rc::clone(known));
        }
        let Compiler { universe, things, merged, .. } = compiler;
        let mut bits = Vec::new();
        universe.ended(change.thing, change.touch, things, &mut bits);
        // Where nothing was to be lost, what a write puts in place of it is of this run.
        if change.renews {
            bits.retain(|&bit| {
                let fact = universe.fact(bit);
                fact.thing != change.thing || !matches!(fact.kind, FactKind::NothingToLose | FactKind::Guarded)
            });
        }
        let others = merged.also_ended(change, &bits, compiler);
        bits.extend(others);
        if bits.len() < MANY {
            return Ended::Few(bits);
        }
        let many = Rc::new(Few::of(bits));
        self.known.borrow_mut().insert(change, Rc::clone(&many));
        Ended::Many(many)
    }
}

/// What a change of its configuration ends of a service.
const OF_CONFIGURATION: [FactKind; 3] = [FactKind::ConfigValid, FactKind::Unwritten, FactKind::NothingUnchecked];

/// Compiles a step; none where nothing that is followed comes of it.
pub fn compile(step: &Step, compiler: &Compiler<'_>, node: u32, span: Span) -> Option<Compiled> {
    let Compiler { universe, things, written, settled, answers, variants, merged, turns, restored, commands, .. } =
        compiler;
    let (mut reborn, mut ends): (Vec<usize>, Vec<usize>) =
        universe.remade(node, span).partition(|&bit| is_negative(universe.fact(bit).kind));
    reborn.extend(turns.begun(node));
    let gathers = ends
        .iter()
        .flat_map(|&bit| {
            let fact = universe.fact(bit);
            let new = variants.any_of(fact, universe).map(|above| vec![above]);
            variants.all_of(node, fact, universe).into_iter().chain(new).map(move |all| (all, bit))
        })
        .chain(turns.gathered(node))
        .collect();
    let (mut late_ends, mut replaces, mut ok_ends) = (Vec::new(), Vec::new(), Vec::new());
    let sources: HashSet<ThingId> = step.transfers.iter().map(|&(from, _)| from).collect();
    let (mut ended, mut late_ended) = (Few::default(), Few::default());
    for &(thing, touch) in &step.touches {
        let is_source = sources.contains(&thing);
        let change = Change { thing, touch, renews: touch == Touch::Written && step.renews.contains(&thing) };
        let (target, together) = if is_source { (&mut late_ends, &mut late_ended) } else { (&mut ends, &mut ended) };
        match compiler.changes.ended(change, compiler) {
            Ended::Few(bits) => target.extend(bits),
            Ended::Many(bits) => *together = together.joined(&bits),
        }
        // A change of its configuration ends what was known of a service. An empty directory is none, and a file that is
        // taken away says nothing that could be wrong.
        let is_directory = || step.ok.contains(&Fact { kind: FactKind::IsDir, thing });
        let says_something = match touch {
            Touch::Written | Touch::Added => true,
            Touch::Made => !is_directory(),
            Touch::Removed => false,
        };
        if says_something && things.get(thing).kind == ThingKind::Path {
            let target = match (step.atomic.contains(&thing) && step.spared.is_empty(), is_source) {
                (false, _) => target,
                (true, false) => &mut replaces,
                (true, true) => &mut ok_ends,
            };
            for &service in written(thing) {
                target.extend(OF_CONFIGURATION.iter().filter_map(|&kind| universe.bit(Fact { kind, thing: service })));
            }
        }
    }
    for &thing in &step.doubtful {
        let mut doubted = Vec::new();
        universe.ended(thing, Touch::Written, things, &mut doubted);
        doubted.extend(
            written(thing)
                .iter()
                .filter_map(|&service| universe.bit(Fact { kind: FactKind::ConfigValid, thing: service })),
        );
        let others = merged.also_ended(Change { thing, touch: Touch::Written, renews: false }, &doubted, compiler);
        ends.extend(doubted.into_iter().chain(others).filter(|&bit| !is_negative(universe.fact(bit).kind)));
    }
    if step.installs {
        ends.extend(commands.iter());
    }
    let mut spares = ThinVec::new();
    // Where nothing was written at all, what may be written is no more of a doubt than it is there.
    for &service in step.doubtful.iter().flat_map(|&thing| written(thing)) {
        let kinds = [FactKind::Unwritten, FactKind::NothingUnchecked];
        if let [Some(unwritten), Some(checked)] = kinds.map(|kind| universe.bit(Fact { kind, thing: service })) {
            ends.push(checked);
            spares.push((unwritten, checked));
        }
    }
    for &(unless, service) in &step.spared {
        let kept = OF_CONFIGURATION.iter().filter_map(|&kind| universe.bit(Fact { kind, thing: service }));
        spares.extend(universe.bit(unless).into_iter().flat_map(|known| kept.clone().map(move |kept| (known, kept))));
    }
    for &thing in &step.removes {
        let Some(kept) = universe.bit(Fact { kind: FactKind::NotRemovedHere, thing }) else { continue };
        ends.push(kept);
        let harmless = [FactKind::Identified, FactKind::Guarded, FactKind::NothingToLose];
        let harmless = harmless.map(|kind| universe.bit(Fact { kind, thing }));
        spares.extend(harmless.into_iter().flatten().map(|known| (known, kept)));
    }
    // What is written anew was not tested yet.
    let untested = step
        .touches
        .iter()
        .filter(|&&(thing, touch)| touch == Touch::Written && things.get(thing).kind == ThingKind::Path);
    let untested = untested.map(|&(thing, _)| Fact { kind: FactKind::NoFailedValidation, thing });
    let renewed = step.renews.iter().map(|&thing| Fact { kind: FactKind::RenewedHere, thing });
    let renewed: Vec<Fact> = renewed.chain(untested).collect();
    let paid = step.pays.iter().filter_map(|fact| settled.get(fact)).filter(|few| !few.is_empty()).map(Rc::clone);
    let closed = |facts: &[Fact]| universe.closed(facts.iter().chain(&renewed), things);
    let (mut carries, mut limits, mut keeps) = (ThinVec::new(), ThinVec::new(), ThinVec::new());
    for &(from, to) in &step.transfers {
        let unfailed = |thing| universe.bit(Fact { kind: FactKind::NoFailedValidation, thing });
        if let Some(content) = unfailed(from) {
            limits.extend(written(to).iter().filter_map(|&service| Some((unfailed(service)?, content))));
        }
        keeps.extend(restored.kept(from, to, universe));
        if let Some((copy, again)) = restored.put_back(from, to, universe) {
            carries.extend(again.into_iter().map(|bit| (copy, bit)));
        }
        for kind in [FactKind::ContentValidated, FactKind::ContentComplete] {
            let Some(bit) = universe.bit(Fact { kind, thing: from }) else { continue };
            if let Some(copy) = universe.bit(Fact { kind, thing: to }) {
                carries.push((bit, copy));
            }
            if kind == FactKind::ContentValidated {
                for &service in written(to) {
                    let kinds = [FactKind::ConfigValid, FactKind::NothingUnchecked];
                    let valid = kinds.into_iter().filter_map(|kind| universe.bit(Fact { kind, thing: service }));
                    carries.extend(valid.map(|valid| (bit, valid)));
                }
            }
        }
    }
    for &(told, found) in &step.renames {
        let [told, found] = [told, found].map(|thing| universe.bit(Fact { kind: FactKind::Exists, thing }));
        carries.extend(told.zip(found));
    }
    // What was made anew is so wherever it is seen.
    for &(tree, root, place) in &step.shows {
        for kind in [FactKind::RenewedHere, FactKind::LikelyRenewed] {
            let Some(renewed) = universe.bit(Fact { kind, thing: tree }) else { continue };
            let seen = universe.at_or_below(root, place).iter().copied();
            carries.extend(seen.filter(|&bit| universe.fact(bit).kind == kind).map(|bit| (renewed, bit)));
        }
    }
    ok_ends.extend(step.ok_ends.iter().filter_map(|&fact| universe.bit(fact)));
    let lost = [&ends, &replaces, &late_ends, &ok_ends].into_iter().flatten().copied();
    let lost = turns.lost(lost.chain(ended.iter()).chain(late_ended.iter()));
    ends.extend(lost);
    let (ok, fail) = (closed(&step.ok), closed(&step.fail));
    let carried = carries.iter().map(|&(_, to)| to).chain(keeps.iter().map(|&(_, to): &(Vec<usize>, usize)| to));
    let completes = [ok.iter().chain(carried).collect::<Vec<usize>>(), fail.iter().collect()];
    let completes = completes.map(|made| merged.with_any(made).into());
    let mut compiled = Compiled {
        forgets: ThinVec::new(),
        completes,
        ends: Few::of(ends).joined(&ended),
        replaces: Few::of(replaces),
        late_ends: Few::of(late_ends).joined(&late_ended),
        carries,
        limits,
        keeps,
        spares,
        gathers,
        copies: step.copies.iter().filter_map(|&(file, text)| universe.bit(file).zip(universe.bit(text))).collect(),
        narrows: turns.narrowed(node).collect(),
        reborn: Few::of(reborn),
        paid: paid.collect(),
        ok,
        fail,
        ok_ends: Few::of(ok_ends),
        fail_ends: Few::of(step.fail_ends.iter().filter_map(|&fact| universe.bit(fact)).collect()),
    };
    let all = [&compiled.ends, &compiled.replaces, &compiled.late_ends, &compiled.reborn, &compiled.ok, &compiled.fail];
    if !step.only_asks() {
        compiled.forgets =
            answers.about(all.into_iter().chain([&compiled.ok_ends, &compiled.fail_ends]).flat_map(Few::iter)).into();
    }
    (!compiled.is_empty()).then_some(compiled)
}

impl Compiled {
    fn is_empty(&self) -> bool {
        let sets = [&self.reborn, &self.ok, &self.fail];
        self.carries.is_empty()
            && self.limits.is_empty()
            && self.keeps.is_empty()
            && self.gathers.is_empty()
            && self.copies.is_empty()
            && self.narrows.is_empty()
            && self.paid.is_empty()
            && sets.iter().all(|set| set.is_empty())
            && self.all_ends().next().is_none()
    }

    /// All that it can end, on any edge.
    pub fn all_ends(&self) -> impl Iterator<Item = usize> + '_ {
        [&self.ends, &self.replaces, &self.late_ends, &self.ok_ends, &self.fail_ends].into_iter().flat_map(Few::iter)
    }
}
