//! The names that `xargs` hands to its command, where a listing of files in front of it prints them.
//!
//! ```sh
//! cd /srv/app/releases
//! ls -t | tail -n +4 | xargs rm -rf --           # rm -rf -- ./*
//! find /var/cache/app/ -print0 | xargs -0 rm -f  # rm -f /var/cache/app/*
//! ```
//! They stand for all that may be there: which of them the stages between let pass is not looked at.

use super::asked::is_search;
use super::{Evaluated, Resolver};
use crate::finding::Edit;
use crate::flow::exact::site;
use crate::flow::forest::program;
use crate::flow::graph::{NodeId, SimpleNode};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{Argument, HOLE};
use crate::span::Span;
use crate::syntax::tree::{Command, CommandKind};

/// It takes blanks in names for ends of names.
pub(super) const SPLITS_NAMES: &str = "splits-names";

/// Words with which `find` does more than to list what all of its tests let pass.
const OTHER_LISTING: [&str; 19] = [
    "-print0", "-printf", "-fprint", "-fprint0", "-fprintf", "-ls", "-fls", "-exec", "-execdir", "-ok", "-okdir",
    "-delete", "-prune", "-quit", "-o", "-or", ",", "\"$@\"", "$@",
];

impl<'t> Resolver<'_, 't> {
    /// The names that a command of these words is handed, if `xargs` is among them and a listing in front.
    pub(super) fn handed(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'t>,
        words: &[Evaluated],
        state: &State,
    ) -> Option<ValueId> {
        if node.stage != Some(node.command.span) || !words.iter().any(|word| word.argument.text.ends_with("xargs")) {
            return None;
        }
        let listing = node.before.iter().rev().find(|stage| !keeps_names(stage))?;
        let CommandKind::Simple(simple) = &listing.kind else { return None };
        let mut state = state.clone();
        let words = self.evaluated_all(id, simple, &mut state);
        let (name, operands) = words.split_first()?;
        let is_option = |word: &&Evaluated| word.argument.text.starts_with('-');
        let directory = match name.argument.text.as_str() {
            // What it is told to list is named without the directory that it lies in.
            "ls" => {
                let mut paths = operands.iter().filter(|word| !is_option(word));
                let elsewhere = |word: &Evaluated| word.argument.text.starts_with(['/', '~', HOLE]);
                if paths.any(elsewhere) {
                    return None;
                }
                self.flow.values.constant("./")
            }
            "find" => {
                let prints_other = ["-printf", "-exec", "-execdir", "-ls", "-delete", "-fprint", "-fprintf"];
                if operands.iter().any(|word| prints_other.contains(&word.argument.text.as_str())) {
                    return None;
                }
                return self.names_found(id, operands);
            }
            _ => return None,
        };
        let all = self.flow.values.intern(Value::Pattern("*".into()));
        Some(self.flow.values.concat([directory, all]))
    }

    /// How names go on whole from a `find` right in front: both ends of the pipe agree on the byte that ends a name.
    pub(super) fn whole_names(&self, node: &SimpleNode<'t>) -> Vec<Edit> {
        let simple = node.before.last().and_then(|listing| match &listing.kind {
            CommandKind::Simple(simple) => Some(simple),
            _ => None,
        });
        let Some(find) = simple.filter(|find| program(find).as_deref() == Some("find")) else { return Vec::new() };
        let written: Vec<String> = find.words.iter().map(|word| self.written(word.span)).collect();
        // An action of its own prints something else, and one behind an `-o` would belong to that alone.
        let has_other = written.iter().any(|word| OTHER_LISTING.contains(&word.as_str()) || word.contains("[@]"));
        let handing = node.simple.words.iter().find(|word| {
            let written = self.written(word.span);
            written == "xargs" || written.ends_with("/xargs")
        });
        let (Some(last), Some(handing), false) = (find.words.last(), handing, has_other) else { return Vec::new() };
        let listed = match find.words.iter().zip(&written).find(|(_, written)| *written == "-print") {
            Some((print, _)) => Edit { span: print.span, text: "-print0".to_owned() },
            None => Edit { span: Span::at(last.span.end), text: " -print0".to_owned() },
        };
        vec![listed, Edit { span: Span::at(handing.span.end), text: " -0".to_owned() }]
    }

    /// The names that `find` with these operands finds, where it looks in one directory.
    pub(super) fn names_found(&mut self, id: NodeId, operands: &[Evaluated]) -> Option<ValueId> {
        let is_path = |word: &&Evaluated| !word.argument.text.starts_with('-');
        let paths: Vec<&Evaluated> = operands.iter().take_while(is_path).collect();
        let directory = match paths[..] {
            [] => self.flow.values.constant("./"),
            [path] => {
                let value = path.value;
                let slash = self.flow.values.constant("/");
                let is_whole = path.argument.text.ends_with(|last| last == '/' || last != HOLE);
                let directory = self.flow.values.concat([value, slash]);
                // `find ''` finds nothing: empty, this is not the root.
                if !is_whole {
                    let found = self.flow.values.intern(Value::Unknown(site(id)));
                    return Some(self.flow.values.concat([directory, found]));
                }
                directory
            }
            _ => return None,
        };
        let all = self.flow.values.intern(Value::Pattern("*".into()));
        Some(self.flow.values.concat([directory, all]))
    }

    /// Puts what `xargs` is handed behind the words of its command, or in the place of the word that stands for it.
    pub(super) fn hand(&self, words: &mut Vec<Evaluated>, names: ValueId, replaced: Option<&str>) -> bool {
        let argument = Argument::literal(self.flow.values.render(names).0);
        if let Some(replaced) = replaced {
            let mut places = words.iter_mut().filter(|word| word.argument.text == replaced);
            let (Some(place), None) = (places.next(), places.next()) else { return false };
            *place = Evaluated { value: names, argument, span: place.span };
        } else if let Some(last) = words.last() {
            // It has no word of its own: it stands beside the last one.
            let handed = Evaluated { value: names, argument, span: last.span };
            words.push(handed);
        }
        true
    }
}

/// Whether a stage prints some of the names that it reads, as they are.
fn keeps_names(stage: &Command) -> bool {
    let CommandKind::Simple(simple) = &stage.kind else { return false };
    match program(simple).as_deref() {
        Some("head" | "tail" | "sort" | "uniq" | "tac" | "cat") => true,
        Some(name) => is_search(name),
        None => false,
    }
}
