//! What one node of the graph does to the world and proves, in the words of knowledge.

use super::cleared::Cleared;
use super::meant::Alternative;
use super::numbers::Computed;
use super::question::Question;
use super::spot::Spot;
use super::thing::{Fact, ThingId};
use crate::finding::Edit;
use crate::flow::graph::{NodeId, Slot, UnitId};
use crate::flow::value::ValueId;
use crate::knowledge::{EffectKind, How, PathClass, Remedy, Safety, SecondRun, Touch};
use crate::span::Span;
use hashbrown::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;
use thin_vec::ThinVec;

/// A directory in which nothing is mounted: it is new, or something was mounted on it just now.
#[derive(Clone, Copy, Debug)]
pub struct NewDirectory {
    /// The root that it is in.
    pub root: Option<ValueId>,
    /// Its path.
    pub path: ValueId,
    /// It was made, so that nothing is mounted on it either.
    pub is_made: bool,
    /// Nothing is mounted below it where the step has failed, too.
    pub even_failed: bool,
}

/// What a node does and proves.
///
/// There is one for every command, and most of its lists are empty: an empty one takes a word.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Holds after success.
    pub ok: ThinVec<Fact>,
    /// Holds after failure.
    pub fail: ThinVec<Fact>,
    /// Ends with success.
    pub ok_ends: ThinVec<Fact>,
    /// Ends with failure.
    pub fail_ends: ThinVec<Fact>,
    /// May have changed, whatever the outcome.
    pub touches: ThinVec<(ThingId, Touch)>,
    /// For tests: what is asked.
    pub condition: Option<Box<Condition>>,
    /// What it does to the slots of variables, in order.
    pub assigns: ThinVec<(Slot, Assigned)>,
    /// What it prints.
    pub prints: Prints,
    /// Nobody knows what it does: skipping it matters.
    pub unknown: bool,
    /// It may make commands be found that were not, or the other way round.
    pub installs: bool,
    /// Files that it reads.
    pub reads: ThinVec<ThingId>,
    /// For `exit` and `return`: the status that it leaves with, where it is no success.
    pub leaves: Option<Assigned>,
    /// What stands in front of its command says only whose rights it has; nothing where nothing stands there.
    pub wrapped_in_rights: Option<bool>,
    /// Its command only asks.
    pub asks: bool,
    /// It runs text that may set any variable (`.`, `eval`).
    pub sets_anything: bool,
    /// That may be variables of the script, too: a file of settings that was not read.
    pub overrides: bool,
    /// The marks of its command.
    pub marks: ThinVec<Box<str>>,
    /// The marks of what it is run by (`timeout`, `ssh`).
    pub around: ThinVec<Box<str>>,
    /// Its status says nothing of what it runs (`systemd-run`).
    pub loses_status: bool,
    /// What few commands have: read as if it stood here, and set by [`Step::rare_mut`].
    pub rare: Option<Box<Rare>>,
}

/// What only some commands do.
#[derive(Clone, Debug, Default)]
pub struct Rare {
    /// Codes with which it failed to ask, where the script tells them from others: what failing proves does not hold.
    pub unasked: ThinVec<u8>,
    /// Among what it may touch, what is as it was where it failed.
    pub atomic: ThinVec<ThingId>,
    /// Services whose configuration it does not write where a fact holds.
    pub spared: ThinVec<(Fact, ThingId)>,
    /// May have been changed by a command that is not known: ends what is known, and is no event of this script.
    pub doubtful: ThinVec<ThingId>,
    /// Things that it deletes for good.
    pub removes: ThinVec<ThingId>,
    /// Files whose old content is gone afterwards: emptied, replaced or removed.
    pub renews: ThinVec<ThingId>,
    /// What it makes of all that is owed: trying to is enough.
    pub pays: ThinVec<Fact>,
    /// It cannot fail where this holds.
    pub sure_if: Option<Fact>,
    /// A variable that holds one of several texts, and the one by which the command was read: `invoke-rc.d nginx $action`.
    pub chosen: Option<(Slot, Box<str>)>,
    /// Content that goes from one thing to another on success.
    pub transfers: ThinVec<(ThingId, ThingId)>,
    /// What holds of what a word of it has all of, where it holds of the file that this is: `run "$(cat file)"`.
    pub copies: ThinVec<(Fact, Fact)>,
    /// Mounts by the name that it was told, and by the one that it finds for the same directory.
    pub renames: ThinVec<(ThingId, ThingId)>,
    /// Slots that its condition asks, each with one that holds the same: what the function around it was given.
    pub alike: ThinVec<(Slot, Slot)>,
    /// For a call: what the function is given, as it is called inside and outside.
    pub gives: ThinVec<(Slot, Slot)>,
    /// Holds where what this substitution printed is surely not empty.
    pub filled: ThinVec<(Slot, Fact)>,
    /// Directories that it makes, or that it mounts something on.
    pub new_directories: ThinVec<NewDirectory>,
    /// Trees and files that it shows at another place, or that are the same there: the thing that holds them, and the root and
    /// the path of that place.
    pub shows: ThinVec<(ThingId, Option<ValueId>, ValueId)>,
    /// It is `$flag` run as a command.
    pub runs: Option<Slot>,
    /// The rules that it deletes as a listing names them.
    pub clears: Option<Cleared>,
    /// What other commands do for it, as text.
    pub remedies: ThinVec<(Remedy, Box<str>)>,
}

static NOTHING_RARE: LazyLock<Rare> = LazyLock::new(Rare::default);

/// Steps are read in many places, each of which asks for what it looks for and not for how often that is there. Only reading
/// is so: what is written has to say that it makes room.
impl std::ops::Deref for Step {
    type Target = Rare;

    fn deref(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(&NOTHING_RARE)
    }
}

impl Step {
    /// What few commands have, to be added to: made where there is nothing of it yet.
    pub fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Whether the world is the same afterwards: it asks, and nothing around it writes.
    pub fn only_asks(&self) -> bool {
        self.asks && self.touches.is_empty() && self.doubtful.is_empty()
    }

    /// Makes what either outcome of what it runs does happen with both, where nobody is told which it was.
    pub fn lose_status(&mut self) {
        self.ok.retain(|fact| self.fail.contains(fact));
        self.fail.clone_from(&self.ok);
        self.ok_ends.extend(std::mem::take(&mut self.fail_ends));
        self.fail_ends.clone_from(&self.ok_ends);
        self.condition = None;
        if let Some(rare) = &mut self.rare {
            rare.sure_if = None;
            rare.unasked.clear();
        }
    }

    /// The slots that it asks or copies.
    pub fn reads_slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let copied = self.assigns.iter().flat_map(|(_, assigned)| assigned.reads());
        let mut asked = Vec::new();
        if let Some(condition) = &self.condition {
            condition.slots(&mut asked);
        }
        copied.chain(asked)
    }
}

/// What a variable's slot becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// Exactly this text.
    Constant(Box<str>),
    /// What another slot holds.
    Copy(Slot),
    /// A number.
    Computed(Box<Computed>),
    /// This text, or another one: which of them it is, is followed.
    Perhaps(Box<str>),
    /// Some text that is not empty.
    Filled,
    /// Nothing is known.
    Unknown,
}

impl Assigned {
    /// The slots that it takes up.
    pub fn reads(&self) -> Vec<Slot> {
        let mut found = Vec::new();
        match self {
            Self::Copy(from) => found.push(*from),
            Self::Computed(computed) => computed.slots(&mut found),
            Self::Constant(_) | Self::Perhaps(_) | Self::Filled | Self::Unknown => {}
        }
        found
    }
}

/// What a command prints on standard output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Prints {
    /// Nothing.
    #[default]
    Nothing,
    /// Exactly this text, but for line ends.
    Text(Box<str>),
    /// Perhaps something.
    Something,
    /// Something on success, nothing on failure (`grep`).
    OnSuccess,
    /// Perhaps something on success, nothing on failure.
    UnlessFailed,
    /// Something where what it looks for is there, else nothing (`sed -n '/x/p' FILE`, `grep x FILE | cut -c 1-8`), or
    /// how often it is (`grep -c x FILE`).
    Answer {
        /// A number is printed.
        counts: bool,
        /// Hold where it printed something.
        found: ThinVec<Fact>,
        /// Hold where it printed nothing.
        missing: ThinVec<Fact>,
    },
    /// One of these texts, and what holds where it is that one; or something else, or nothing (`psql -tAc 'select
    /// pg_is_in_recovery()'`).
    OneOf(ThinVec<(Box<str>, ThinVec<Fact>)>),
    /// Something where this slot holds something (`echo "$found" | cut -c 1-8`).
    Like(Slot),
}

/// What a test asks.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A question about the world: what yes and no prove.
    Facts {
        /// Hold where the answer is yes.
        yes: ThinVec<Fact>,
        /// Hold where it is no.
        no: ThinVec<Fact>,
        /// The letter of the operator, where these facts are all that is asked.
        operator: Option<char>,
    },
    /// A question about what a slot holds, and the facts that come with it.
    Slot {
        /// Which slot.
        slot: Slot,
        /// What is asked.
        question: Question,
        /// Hold where the answer is yes.
        yes: ThinVec<Fact>,
        /// Hold where it is no.
        no: ThinVec<Fact>,
    },
    /// The answer is known.
    Known(bool),
    /// The other answer.
    Not(Box<Condition>),
    /// Both, the second only where the first says yes.
    And(Box<Condition>, Box<Condition>),
    /// One of them, the second only where the first says no.
    Or(Box<Condition>, Box<Condition>),
    /// Nothing is known.
    Unknown,
}

impl Condition {
    /// Calls `visit` with every single question in it, from left to right.
    pub fn each<'c>(&'c self, visit: &mut dyn FnMut(&'c Self)) {
        match self {
            Self::Not(inner) => inner.each(visit),
            Self::And(left, right) | Self::Or(left, right) => {
                left.each(visit);
                right.each(visit);
            }
            Self::Facts { .. } | Self::Slot { .. } | Self::Known(_) | Self::Unknown => visit(self),
        }
    }

    /// Calls `change` with every single question in it, from left to right.
    pub fn each_mut(&mut self, change: &mut dyn FnMut(&mut Self)) {
        match self {
            Self::Not(inner) => inner.each_mut(change),
            Self::And(left, right) | Self::Or(left, right) => {
                left.each_mut(change);
                right.each_mut(change);
            }
            Self::Facts { .. } | Self::Slot { .. } | Self::Known(_) | Self::Unknown => change(self),
        }
    }

    /// Calls `change` with what every answer in it proves, from left to right, yes before no.
    pub fn change_answers(&mut self, change: &mut dyn FnMut(&mut ThinVec<Fact>)) {
        match self {
            Self::Facts { yes, no, .. } | Self::Slot { yes, no, .. } => {
                change(yes);
                change(no);
            }
            Self::Not(inner) => inner.change_answers(change),
            Self::And(left, right) | Self::Or(left, right) => {
                left.change_answers(change);
                right.change_answers(change);
            }
            Self::Known(_) | Self::Unknown => {}
        }
    }
}

impl Condition {
    /// What an answer to a single question about a path says of it.
    pub fn asks_for(&self, answer: bool) -> &[Fact] {
        match self {
            Self::Not(inner) => inner.asks_for(!answer),
            Self::Facts { yes, no, operator: Some('e' | 'f' | 'd' | 's' | 'r' | 'w' | 'L' | 'h' | 'a') } => {
                if answer {
                    yes
                } else {
                    no
                }
            }
            _ => &[],
        }
    }

    /// The slots that are asked.
    pub fn slots(&self, found: &mut Vec<Slot>) {
        match self {
            Self::Slot { slot, .. } => found.push(*slot),
            Self::Not(inner) => inner.slots(found),
            Self::And(left, right) | Self::Or(left, right) => {
                left.slots(found);
                right.slots(found);
            }
            Self::Facts { .. } | Self::Known(_) | Self::Unknown => {}
        }
    }
}

/// What makes an effect of a function another one at some of its calls: what they hand it.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The mark of the effect that says so.
    pub mark: Box<str>,
    /// The first such call.
    pub first: Span,
    /// All of them.
    pub calls: Vec<NodeId>,
}

/// One effect of one command.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The node that has it.
    pub node: NodeId,
    /// The unit it stands in.
    pub unit: UnitId,
    /// It happens only where this node is come to as well.
    pub only_if: Option<NodeId>,
    /// For a status that ends the script: the step that its failure would have led to.
    pub lost: Option<NodeId>,
    /// It does not happen where all of these hold, if there are any.
    pub not_where: ThinVec<Fact>,
    /// What happens.
    pub effect: EffectKind,
    /// In which manner.
    pub how: How,
    /// To what.
    pub target: ThingId,
    /// The target, where another file takes its place in the directory: what a link there leads to stays as it is.
    pub entry: Option<ThingId>,
    /// The step itself, as a thing: for what it owes.
    pub step: ThingId,
    /// The run of the script, as a thing.
    pub run: ThingId,
    /// A file of functions that was not read may have guarded it, or a script that runs first.
    pub foreign: bool,
    /// The command itself carries what was there to another place, or fails where it would be lost.
    pub keeps_old: bool,
    /// A function that was not read may have printed what its name begins with.
    pub named_elsewhere: bool,
    /// The script removes or moves away what it makes here.
    pub transient: bool,
    /// Hardly anything of an earlier run is there: it was removed, or what the script asks for in its place is not there.
    pub likely_renewed: bool,
    /// It has a mark only since some calls hand something to the function that it stands in.
    pub handed: Option<Handed>,
    /// From where the content comes; for a rule the chain that it leads to.
    pub source: Option<ThingId>,
    /// The services concerned: the target, or those whose configuration the target is.
    pub services: Vec<ThingId>,
    /// The directory above the target; for a rule the chain that it is put into.
    pub parent: Option<ThingId>,
    /// A value that, being empty, makes the target another one.
    pub value: Option<ThingId>,
    /// Where this holds, the script has set that value.
    pub set_where: Option<Fact>,
    /// The text that is added, for an append.
    pub text: Option<ThingId>,
    /// What the target may be, where it is one of several paths that are different things.
    pub alternatives: Vec<Alternative>,
    /// What the target is.
    pub class: PathClass,
    /// The class was read off a name.
    pub class_guessed: bool,
    /// The target's value, for relations.
    pub target_value: ValueId,
    /// The path is relative to a directory that a `cd` chose.
    pub relative: bool,
    /// Its name is new with each run.
    pub fresh: bool,
    /// The same command or pipeline reads the file.
    pub reads_target: bool,
    /// What is written says that the program that writes it owns the file.
    pub claimed: bool,
    /// The whole command.
    pub span: Span,
    /// The place around it.
    pub spot: Spot,
    /// The command as the script writes it.
    pub written: String,
    /// The word of the text that is added, as the script writes it.
    pub text_written: Option<String>,
    /// What is copied or moved there, as a person names it.
    pub source_name: Option<String>,
    /// The word of that, as the script writes it, where it lies on the same host.
    pub source_written: Option<String>,
    /// The expansion of the variable that the target begins with, and the variable's name.
    pub variable: Option<(Span, Box<str>)>,
    /// The word of the target, as the script writes it.
    pub target_written: Option<String>,
    /// The step that chose the working directory, for a relative target.
    pub directory_step: Option<ThingId>,
    /// The working directory, for a relative target.
    pub directory_path: Option<ThingId>,
    /// The directory that the script changed to, as a person names it.
    pub directory: Option<String>,
    /// The words of the target, where they stand in one word.
    pub operand: Option<Span>,
    /// Where an option can be inserted: after the words that lead.
    pub option_at: Option<u32>,
    /// What a second run does.
    pub second_run: SecondRun,
    /// What it does elsewhere.
    pub second_elsewhere: Vec<SecondRun>,
    /// Facts each of which makes a second run harmless.
    pub excuses: Vec<Fact>,
    /// Where a message tells of its failure, and nothing else comes of that; not in a loop, where the next turn is meant to come.
    pub message: Option<Box<Spot>>,
    /// How to mend it, where the engine has read what stands around it.
    pub edits: Vec<Edit>,
    /// The words of the command without what runs it, where nothing else stands between them.
    pub words: Option<Span>,
    /// What in front of the command says only whose rights it has: `sudo `.
    pub wrapper: Box<str>,
    /// How to make it repeatable, as text to insert or replace.
    pub rewrite: Option<(RewriteText, Safety)>,
    /// What other commands do for it, as text.
    pub remedies: ThinVec<(Remedy, Box<str>)>,
    /// Of what is asked too early: a command that succeeds once the answer is yes.
    pub question: Option<Box<str>>,
    /// The words were surely read right.
    pub exact: bool,
    /// The command's name.
    pub command: Box<str>,
    /// The target as a person names it.
    pub name: String,
    /// The text that the target's name is known to begin with.
    pub begins: Box<str>,
    /// Runs on another host, in a container or in another tree.
    pub elsewhere: bool,
    /// The kinds of commands that the command is one of.
    pub marks: ThinVec<Box<str>>,
    /// The marks that are asked about, as things.
    pub asked_marks: Marks,
}

impl Occurrence {
    /// What another command does for it, as text.
    pub fn remedy(&self, remedy: Remedy) -> Option<&str> {
        self.remedies.iter().find(|(known, _)| *known == remedy).map(|(_, text)| &**text)
    }

    /// Whether what was there is gone afterwards: it is written over, or makes way for something else.
    pub fn replaces(&self) -> bool {
        self.effect == EffectKind::Write && matches!(self.how, How::Truncate | How::Replace) || self.entry.is_some()
    }

    /// Whether it says how the script goes, and changes nothing by itself.
    pub fn is_of_flow(&self) -> bool {
        matches!(
            self.effect,
            EffectKind::Loop | EffectKind::Status | EffectKind::Action | EffectKind::Pending | EffectKind::Lock
        )
    }

    /// Whether nobody but the script seems to know the file: no service and no part of the system reads it by its name.
    pub fn is_own(&self) -> bool {
        let by_name = matches!(self.class, PathClass::System | PathClass::Secret) && !self.name.contains(".d/");
        self.services.is_empty() && !by_name
    }
}

/// Marks by name, as things.
pub type Marks = Rc<HashMap<Box<str>, ThingId>>;

/// A rewrite with its texts filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RewriteText {
    /// Insert at this byte.
    Insert(u32, String),
    /// Replace these bytes.
    Replace(Span, String),
    /// Put in front of the command.
    Prefix(String),
}
