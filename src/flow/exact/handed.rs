//! What a shell hands to another one that runs a text: values in the holes of the text, parameters, variables.
//!
//! ```sh
//! MODE=full sh -c "cd $releases && rm -rf \"\$1\"" sh "$old"
//! ```
//! They are expanded by the outer shell in front of the text, into variables that no text can name, and the inner shell
//! takes them from there, whatever else it has of the outer one.

use super::super::expand::Expander;
use super::super::graph::{Filling, NodeId, Parameters};
use super::super::state::State;
use super::super::value::Value;
use super::{Exact, site};

/// Where the text is that another shell runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// In the word of this number.
    Word(usize),
    /// In the words from this one on, with blanks between them.
    Words(usize),
    /// On standard input.
    Input,
}

/// A shell text that a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShellText {
    /// Where it is.
    pub given: Given,
    /// Errexit is given to the shell that runs it.
    pub errexit: bool,
    /// That shell gets the exported variables.
    pub exported: bool,
    /// The first of the words that are `$0`, `$1` and so on in it.
    pub parameters: Option<usize>,
    /// The words in front that set variables for it: the first, and how many they are.
    pub assigned: (usize, usize),
    /// It runs somewhere else.
    pub place: Option<OtherPlace>,
    /// The status of the command is that of the text; else it says nothing of it.
    pub passes_status: bool,
}

impl ShellText {
    /// Whether it is whatever comes in, and all that is known of it stands for itself.
    pub fn is_input(&self) -> bool {
        self.given == Given::Input && self.parameters.is_none() && self.place.is_none()
    }
}

/// Another host, a container, the tree of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherPlace {
    /// What kind of place it is.
    pub label: &'static str,
    /// The word that names it.
    pub name: Option<usize>,
}

impl Exact<'_, '_> {
    /// The state in which what this shell puts into a text, and hands on, is expanded.
    pub(super) fn filled(&mut self, filling: &Filling<'_>, unit: u32, state: &State) -> State {
        let mut after = state.clone();
        let mut expander = Expander { values: self.values, names: self.names, state: &mut after, unit };
        for hole in filling.holes {
            let value = expander.hole(hole);
            if let Some(number) = expander.names.hole(hole.span.start) {
                expander.state.variables.set(number, Some(value));
            }
        }
        for handed in &filling.words {
            let expanded = expander.word(handed.word);
            // What may be several words moves those behind it.
            if expanded.splits && handed.begin == 0 {
                break;
            }
            let value = expander.values.tail(expanded.value, handed.begin);
            expander.state.variables.set(handed.holder, Some(value));
        }
        after
    }

    /// Gives a text for another shell its parameters; of those that are not given nothing is known.
    pub(super) fn parameters(&mut self, id: NodeId, parameters: Parameters, state: &State, after: &mut State) {
        let given = parameters.first..parameters.first + parameters.count;
        for at in 0..(parameters.begin_at + parameters.count).max(MOST_DIGITS) {
            let number = at.checked_sub(parameters.begin_at).map(|at| parameters.first + at);
            let given = number.filter(|number| given.contains(number)).and_then(|number| state.variables.get(number));
            let value = given.unwrap_or_else(|| self.values.intern(Value::Unknown(site(id))));
            after.positional.set(at, Some(value));
        }
    }
}

/// Parameters up to here are written with one digit.
const MOST_DIGITS: u32 = 10;
