//! The control-flow graph: nodes that run, edges by outcome.
//!
//! ```sh
//! nginx -t || exit 1
//! systemctl reload nginx
//! ```
//! gives a node for `nginx -t` whose ok edge leads to the reload and whose fail edge leads to the exit. Every
//! command has both edges; where errexit decides whether a failure goes on, a [`Kind::Errexit`] node stands on
//! the fail edge. One graph holds all units (script, functions, traps); subshells, pipeline stages and
//! substitutions stand inside their unit between [`Kind::Enter`] and [`Kind::Leave`].
//!
//! The graph knows the shell's grammar and the builtins that move control; it does not know what other
//! commands mean.

use crate::span::Span;
use crate::syntax::tree::{self, Arithmetic, Command, For, Part, Redirect, Simple, TestExpression, Word};
use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::rc::Rc;

/// The number of a node in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// The number of a unit in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edge {
    /// Status 0; for nodes without a status, the only way on.
    Ok,
    /// Another status.
    Fail,
    /// A called function ended the shell with status 0.
    ExitOk,
    /// A called function ended the shell with another status.
    ExitFail,
}

impl Edge {
    /// The edge in a set of edges.
    pub fn bit(self) -> u8 {
        match self {
            Self::Ok => 1,
            Self::Fail => 2,
            Self::ExitOk => 4,
            Self::ExitFail => 8,
        }
    }
}

/// The edges out of a node, in the order in which they were added. Four fit into the node, as a command has.
#[derive(Clone, Debug, Default)]
pub struct Edges(SmallVec<[Packed; 4]>);

/// An edge and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed(u32);

impl Packed {
    /// The bits of the node; the edge is above. A script of 4 GiB has fewer nodes.
    const NODE: u32 = (1 << 30) - 1;

    fn of(edge: Edge, to: NodeId) -> Self {
        let edge = match edge {
            Edge::Ok => 0,
            Edge::Fail => 1,
            Edge::ExitOk => 2,
            Edge::ExitFail => 3,
        };
        Self(edge << 30 | to.0 & Self::NODE)
    }

    fn parts(self) -> (Edge, NodeId) {
        let edge = match self.0 >> 30 {
            0 => Edge::Ok,
            1 => Edge::Fail,
            2 => Edge::ExitOk,
            _ => Edge::ExitFail,
        };
        (edge, NodeId(self.0 & Self::NODE))
    }
}

impl Edges {
    /// Adds an edge that is not there yet.
    pub fn add(&mut self, edge: Edge, to: NodeId) {
        let packed = Packed::of(edge, to);
        if !self.0.contains(&packed) {
            self.0.push(packed);
        }
    }

    /// Each with where it leads.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Edge, NodeId)> + '_ {
        self.0.iter().map(|packed| packed.parts())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the node is an end.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the edge leads that was added at this place.
    pub fn target(&self, at: usize) -> NodeId {
        self.0[at].parts().1
    }
}

/// A slot that remembers by which outcome it was set: see the conditional facts of the effects stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// `$?`.
    Status,
    /// A variable.
    Variable(u32),
    /// What the substitution that starts at this byte has printed so far.
    Capture(u32),
    /// What the function has printed so far, wherever its output goes.
    Printed,
    /// Whether a stage of the pipeline at this byte has failed so far.
    Pipe(u32),
    /// Whether the last turn of the loop at this byte has failed.
    Turn(u32),
    /// The status of a stage of the pipeline at this byte, by its number, until the pipeline ends.
    Stage(u32, u32),
    /// `${PIPESTATUS[n]}`: the status of a stage of the last pipeline.
    Told(u32),
    /// An element of an array that is not the first one: the variable and its number.
    Element(u32, u32),
    /// How many elements an array has: `${#list[@]}`.
    Count(u32),
    /// Whether the trap of this number is set.
    Trap(u32),
    /// The text that a value is which nothing in the script makes (`$1`), by its number.
    Value(u32),
    /// The answer to a question about the world that the script asks more than once.
    Answer(u32),
}

/// The array of the statuses of the stages of the last pipeline.
pub const STAGES: &str = "PIPESTATUS";

impl Slot {
    /// The slot of a variable, or of `?`.
    pub fn named(name: &str, names: &mut Names) -> Self {
        if name == "?" { Self::Status } else { Self::Variable(names.intern(name)) }
    }

    /// The slot of an element of an array. The first one is what its name alone stands for.
    pub fn element(name: &str, number: u32, names: &mut Names) -> Self {
        match number {
            _ if name == STAGES => Self::Told(number),
            0 => Self::Variable(names.intern(name)),
            _ => Self::Element(names.intern(name), number),
        }
    }

    /// The variable that it belongs to.
    pub fn variable(self) -> Option<u32> {
        match self {
            Self::Variable(number) | Self::Element(number, _) | Self::Count(number) => Some(number),
            _ => None,
        }
    }
}

/// A step of a script.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    /// What it is.
    pub kind: Kind<'t>,
    /// Where each outcome leads. A kind that has both outcomes lists both, even where they lead to the same node.
    pub edges: Edges,
    /// Where it stands.
    pub span: Span,
    /// The unit it belongs to.
    pub unit: UnitId,
}

/// The kinds of step.
#[derive(Clone, Debug)]
pub enum Kind<'t> {
    /// Nothing: paths meet here.
    Join,
    /// A simple command, after its substitutions ran. Most nodes of a script of pipelines are none, and it is large.
    Simple(Rc<SimpleNode<'t>>),
    /// Redirects of a compound command.
    Redirects {
        /// In order.
        redirects: &'t [Redirect],
        /// The statement it stands in.
        statement: Span,
    },
    /// `[[ … ]]`.
    Test(&'t TestExpression),
    /// `(( … ))`: ok where it is not 0.
    Arithmetic(&'t Arithmetic),
    /// One arm of a `case`: ok where a pattern matches.
    Match {
        /// What is matched.
        subject: &'t Word,
        /// The alternatives.
        patterns: &'t [Word],
    },
    /// The head of a `for`: ok with the next item, fail where none is left.
    Item(&'t For),
    /// The state before a `for` turns for the first time: ok where there is an item for certain (then the list
    /// is literal), else both.
    FirstItem(&'t For),
    /// The end of the process or of a function with a given status, which is the first word: ok where it is 0.
    Code(&'t [Word]),
    /// A command that has a shell run a text, in front of the text: what it does itself.
    Around(Rc<SimpleNode<'t>>),
    /// What this shell puts into a text for another one, and hands to that, is expanded.
    Fill(Box<Filling<'t>>),
    /// The other shell takes the variables that it is handed: by its own name for each, and what holds it.
    Take(Box<[(u32, u32)]>),
    /// A copy of the shell begins.
    Enter(Scope),
    /// The copy ends: variables, options and directory are as before its [`Kind::Enter`].
    Leave {
        /// Where the copy begins.
        enter: NodeId,
        /// It ends in success.
        ok: bool,
    },
    /// The failure of the command before: ok leads on where errexit is off, fail to the end where it is on.
    Errexit,
    /// `$?` becomes 0 (true) or a failure.
    Status(bool),
    /// A pipeline begins: no stage has failed yet.
    PipeStart(Slot),
    /// A stage that is not the last has failed.
    PipeFailed(Slot),
    /// The last stage succeeded: fail where pipefail is on and another stage failed.
    PipeEnd(Slot),
    /// A turn of a loop whose status somebody hears has ended, with status 0 or not; so has the loop in front of the first.
    Turned(Slot, bool),
    /// No turn follows: fail where the last one failed.
    TurnsEnd(Slot),
    /// A stage has ended, with status 0 or not. There are such nodes only where the script asks for them.
    Stage(Slot, bool),
    /// The last stage of the pipeline at this byte, which has so many, has ended: `PIPESTATUS` tells of them.
    Stages(u32, u32),
    /// A job is sent to the background: ok leads into it, fail past it.
    Fork,
    /// What is known of the job in the background, in the slot of `$!`, which `wait` asks.
    Job(Slot, JobStep),
    /// A trap that may be set: ok leads into its body, fail past it.
    Trap(u32),
    /// A region that was not read: anything may happen to variables; nothing is proved.
    Unread,
    /// An end of the unit.
    End(Edge),
}

/// A copy of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `( … )`.
    Subshell,
    /// A stage of a pipeline.
    Stage,
    /// `$( … )` or backquotes; the byte it starts at.
    Substitution(u32),
    /// A job in the background.
    Background,
    /// A text that another shell runs (`bash -c`): options of its own.
    Fragment {
        /// Errexit is given to that shell (`bash -ec`).
        errexit: bool,
        /// It runs on another host, in a directory of its own.
        elsewhere: bool,
        /// It gets the exported variables.
        exported: bool,
        /// Its parameters.
        parameters: Parameters,
    },
}

/// What a shell hands to another one that runs a text.
#[derive(Clone, Debug, Default)]
pub struct Filling<'t> {
    /// What stands in the holes of the text.
    pub holes: &'t [Part],
    /// The words that are its parameters, and those that set variables for it.
    pub words: Vec<Handed<'t>>,
}

impl Filling<'_> {
    /// Whether nothing is handed on.
    pub fn is_empty(&self) -> bool {
        self.holes.is_empty() && self.words.is_empty()
    }
}

/// A word whose value another shell is handed.
#[derive(Clone, Copy, Debug)]
pub struct Handed<'t> {
    /// The word.
    pub word: &'t Word,
    /// The number of the variable that holds the value meanwhile.
    pub holder: u32,
    /// How much of the word is not of the value: `NAME=` in front of it.
    pub begin: usize,
}

/// The parameters of a text that another shell runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The number of the variable that holds the first of them.
    pub first: u32,
    /// How many are given.
    pub count: u32,
    /// The number of the first: `$0` or `$1`.
    pub begin_at: u32,
}

/// Another host, a container, the tree of another system.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere<'t> {
    /// What kind of place it is.
    pub label: &'static str,
    /// The word that names it.
    pub name: Option<&'t Word>,
}

/// A loop of the script.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// In front of the first turn; of a loop over items, the node that every turn comes to.
    pub front: NodeId,
    /// The node that every turn comes to.
    pub head: NodeId,
    /// The first node behind those of the loop: they are numbered one behind the other.
    pub end: NodeId,
    /// What is behind it.
    pub out: NodeId,
    /// The whole statement.
    pub span: Span,
    /// What every turn is asked for, or takes.
    pub asked: Span,
    /// The word that closes it.
    pub close: Span,
    /// It goes over items.
    pub over_items: bool,
}

impl Loop {
    /// A loop of which no more is known yet.
    pub fn of(head: NodeId, out: NodeId, span: Span, asked: Span) -> Self {
        Self { front: head, head, end: head, out, span, asked, close: span, over_items: false }
    }
}

/// Where a job in the background stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStep {
    /// It has ended, with status 0 or not.
    Ended(bool),
    /// It runs still: whoever waits for it goes on from where it ended, not from here.
    Running,
    /// The shell goes on, wherever the job is by then.
    Started,
}

/// A simple command and how it stands in the script.
#[derive(Clone, Debug)]
pub struct SimpleNode<'t> {
    /// The command with its redirects.
    pub command: &'t Command,
    /// Its assignments and words.
    pub simple: &'t Simple,
    /// The first word, where it is written out: many stages ask for it, and in the tree it is far away.
    pub name: Option<Cow<'t, str>>,
    /// What it prints goes into this substitution, or is what its function prints.
    pub capture: Option<Slot>,
    /// Its errors go there, too.
    pub captures_errors: bool,
    /// Errexit cannot end the script here: in a condition, before `&&` or `||`, after `!`.
    pub ignored: bool,
    /// Only assignments, the last substitution's status is its status.
    pub takes_status: bool,
    /// The statement it stands in: a guard or a line in front belongs before it.
    pub statement: Span,
    /// It is the whole statement, so that text may be put in front of it.
    pub alone: bool,
    /// It stands in the condition of an `if` or a loop, which asks for its status.
    pub in_condition: bool,
    /// The pipeline it is a stage of.
    pub pipeline: Option<Span>,
    /// The stage of that pipeline that it stands in.
    pub stage: Option<Span>,
    /// The stages of the pipeline in front of it: the last of them prints what it reads.
    pub before: &'t [Command],
    /// The stages of the pipeline behind it.
    pub behind: &'t [Command],
    /// Where it runs, where that is not here.
    pub place: Option<Elsewhere<'t>>,
}

impl SimpleNode<'_> {
    /// The name of the program that it runs, without the directories that it lies in, where that is written out.
    pub fn program(&self) -> Option<&str> {
        self.name.as_deref().and_then(|path| path.rsplit('/').next())
    }
}

/// What a unit is.
#[derive(Clone, Debug)]
pub enum UnitKind {
    /// The script itself.
    Script,
    /// A function.
    Function(tree::Name),
}

/// A part of the script with an entry and ends of its own.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What it is.
    pub kind: UnitKind,
    /// Where it begins.
    pub entry: NodeId,
    /// Its ends: returned or fell through with 0, with another status; ended the shell with 0, with another status.
    pub ends: [NodeId; 4],
}

/// When a trap runs that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrapSignal {
    /// At the end of the shell.
    Exit,
    /// Where errexit would end the shell.
    Failure,
}

impl TrapSignal {
    /// The signal of this name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "EXIT" | "0" => Some(Self::Exit),
            "ERR" => Some(Self::Failure),
            _ => None,
        }
    }
}

/// A trap on the end of the shell or on a failure.
#[derive(Clone, Debug)]
pub struct Trap {
    /// When it runs.
    pub signal: TrapSignal,
    /// The names of the simple commands that its action surely comes to.
    pub commands: Vec<String>,
    /// Where the `trap` command stands.
    pub set_at: Span,
    /// The node that sets it.
    pub node: Option<NodeId>,
}

/// The nodes of a loop over a list; those at the ends of its turns by how the last command ended.
#[derive(Clone, Copy, Debug)]
pub struct ListLoop {
    /// Where it begins.
    pub first: NodeId,
    /// Where a turn gets its item.
    pub item: NodeId,
    /// Where a turn ends.
    pub turned: [NodeId; 2],
    /// Where the list is at its end.
    pub over: [NodeId; 2],
}

/// All units of a script.
#[derive(Clone, Debug, Default)]
pub struct Graph<'t> {
    /// In order of creation.
    pub nodes: Vec<Node<'t>>,
    /// The script first.
    pub units: Vec<Unit>,
    /// Names of variables and functions by number.
    pub names: Names,
    /// EXIT and ERR traps by number.
    pub traps: Vec<Trap>,
    /// Which units define a function of this name (number of the name).
    pub functions: HashMap<u32, Vec<UnitId>>,
    /// Loops over lists of more than one word.
    pub list_loops: Vec<ListLoop>,
    /// Loops, those inside others before these.
    pub loops: Vec<Loop>,
    /// Where the script has ended with success, and where it has come to the end of its text: in front of EXIT traps.
    pub finished: Vec<NodeId>,
    /// Whether the text had regions that were not read.
    pub unread: bool,
    /// Whether the script asks for the statuses of the stages of pipelines.
    pub asks_stages: bool,
    /// Whether the text names `inherit_errexit`: else it is off throughout.
    pub names_inherit: bool,
    /// Whether the text names `nullglob`: else a pattern that matches nothing stays as it is.
    pub names_nullglob: bool,
    /// The functions of which calls stand as what they come to.
    pub relays: HashSet<&'t str>,
}

impl<'t> Graph<'t> {
    /// Where a unit has ended with success: the script in front of its EXIT traps.
    pub fn successes(&self, unit: UnitId) -> Vec<NodeId> {
        if unit.0 == 0 {
            return self.finished.first().copied().into_iter().collect();
        }
        let [ok, _, exit_ok, _] = self.units[unit.0 as usize].ends;
        vec![ok, exit_ok]
    }

    /// The node with this number.
    pub fn node(&self, id: NodeId) -> &Node<'t> {
        &self.nodes[id.0 as usize]
    }

    /// Where an outcome of a node leads.
    pub fn successor(&self, id: NodeId, edge: Edge) -> Option<NodeId> {
        self.node(id).edges.iter().find(|(kind, _)| *kind == edge).map(|(_, to)| to)
    }
}

/// Names by number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    /// The variables that hold what an outer shell puts into a text, by the byte of the expansion.
    holes: HashMap<u32, u32>,
    /// The variables that something sets at any time, by number.
    volatile: HashSet<u32>,
}

impl Names {
    /// The number of a name; a new one where it was not seen.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    /// A new variable that no text can name.
    pub fn hidden(&mut self, shown: &str) -> u32 {
        let number = self.texts.len() as u32;
        self.texts.push(shown.into());
        number
    }

    /// Whether no text can name a variable.
    pub fn is_hidden(&self, number: u32) -> bool {
        self.find(self.text(number)) != Some(number)
    }

    /// Remembers that something sets a variable at any time.
    pub fn set_volatile(&mut self, number: u32) {
        self.volatile.insert(number);
    }

    /// Whether something sets a variable at any time: the action of a signal.
    pub fn is_volatile(&self, number: u32) -> bool {
        self.volatile.contains(&number)
    }

    /// Remembers that the expansion at a byte is done by an outer shell; it is shown by this name.
    pub fn add_hole(&mut self, start: u32, shown: &str) {
        if !self.holes.contains_key(&start) {
            let number = self.hidden(shown);
            self.holes.insert(start, number);
        }
    }

    /// The variable that holds what an outer shell expands at a byte.
    pub fn hole(&self, start: u32) -> Option<u32> {
        if self.holes.is_empty() { None } else { self.holes.get(&start).copied() }
    }

    /// The number of a name that was seen.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The name with this number.
    pub fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}
