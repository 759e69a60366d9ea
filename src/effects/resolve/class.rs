//! What a path is: its class, the services whose configuration it is, and what it would be were a variable empty.

use super::super::set_somewhere::{Given, given};
use super::super::thing::ThingId;
use crate::flow::exact::{is_per_call, set_site, site};
use crate::flow::expand::Expander;
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{HOLE, PathClass};

use super::Resolver;
use super::forms::Placed;

/// What is known of paths, from what is missed most to what nobody keeps.
const GRAVEST_FIRST: [PathClass; 14] = [
    PathClass::Secret,
    PathClass::System,
    PathClass::Config,
    PathClass::Unit,
    PathClass::DropIn,
    PathClass::State,
    PathClass::Backup,
    PathClass::Log,
    PathClass::Cache,
    PathClass::Image,
    PathClass::Scratch,
    PathClass::Lock,
    PathClass::Device,
    PathClass::Stream,
];

/// How many texts one path may have.
const MOST_TEXTS: usize = 32;

/// What happens to each of several happens to the gravest of them: what that is, and whether it was read off a name.
pub fn gravest(classes: impl Iterator<Item = (PathClass, bool)>) -> Option<(PathClass, bool)> {
    let known = classes.filter_map(|class| Some((GRAVEST_FIRST.iter().position(|&known| known == class.0)?, class)));
    known.min_by_key(|&(gravity, _)| gravity).map(|(_, class)| class)
}

impl Resolver<'_, '_> {
    /// The texts that a path may have, with holes.
    pub fn renderings(&self, value: ValueId) -> Vec<String> {
        let values = &self.flow.values;
        let whole = values.alternatives(value);
        if !whole.is_empty() {
            return whole.iter().map(|&value| values.render(value).0).collect();
        }
        let mut found = vec![String::new()];
        for &part in values.pieces(&value) {
            let others = values.alternatives(part);
            // So many texts are told apart: the rest stays a hole.
            if others.is_empty() || found.len() * others.len() > MOST_TEXTS {
                let text = values.render(part).0;
                for begun in &mut found {
                    begun.push_str(&text);
                }
                continue;
            }
            let texts: Vec<String> = others.iter().map(|&other| values.render(other).0).collect();
            found = found.iter().flat_map(|begun| texts.iter().map(move |text| format!("{begun}{text}"))).collect();
        }
        found
    }

    /// What a path is, and whether that was read off a name.
    pub fn class(&self, value: ValueId) -> (PathClass, bool) {
        // Whoever may name another one names one of the same kind.
        let value = self.own_default(value).unwrap_or(value);
        if let Some(&class) = self.beside.get(&value) {
            return (class, false);
        }
        if self.is_made_of(value, &|value| matches!(value, Value::Fresh(_))) {
            return (PathClass::Scratch, false);
        }
        if self
            .flow
            .values
            .render(value)
            .0
            .split_once(HOLE)
            .is_some_and(|(_, below)| self.knowledge.path_class(below) == PathClass::Stream)
        {
            return (PathClass::Stream, false);
        }
        let begins = self.flow.values.pieces(&value)[0];
        // What the path begins with decides where that is not known but named: `$rootfs/etc/hosts` is no configuration of this host.
        if begins != value
            && self.flow.values.render(value).0.starts_with(HOLE)
            && let Some(class) = self.named_class(begins, 4)
            && !matches!(class, PathClass::Config | PathClass::Unknown)
        {
            return (class, true);
        }
        let working_directory = HOLE.to_string() + "/";
        // Whose home directory it is does not matter to what the files in it are.
        let is_read_off = |text: &str, class: PathClass| match text.find(HOLE) {
            None => false,
            Some(0) if self.is_home(begins) => text[HOLE.len_utf8()..].contains(HOLE),
            // Nor does a name within, where the place and the end of the name say the same: `/etc/app/$name.conf`.
            Some(_) => {
                let name = text.rsplit('/').next().unwrap_or(text);
                !text.starts_with('/') || self.knowledge.path_class(&format!("{working_directory}{name}")) != class
            }
        };
        let known = self.renderings(value).into_iter().map(|text| {
            // Below a working directory that is not known a path is what it is as the script writes it.
            let written = text.strip_prefix(&working_directory).filter(|_| self.is_working_directory(begins));
            let class = self.knowledge.path_class(written.unwrap_or(&text));
            (class, is_read_off(&text, class))
        });
        if let Some(class) = gravest(known) {
            return class;
        }
        self.named_class(value, 4).map_or((PathClass::Unknown, true), |class| (class, true))
    }

    /// What the script itself gives a variable that the environment has left empty: `test -n "$X" || X=$APP_TMP/x`, where
    /// that is not known but begins with a name that says what it is.
    fn own_default(&self, value: ValueId) -> Option<ValueId> {
        let values = &self.flow.values;
        let own = match values.get(value) {
            Value::Default(_, word) => *word,
            Value::Phi(_, number) if *number < crate::flow::state::POSITIONAL => {
                let name = self.flow.names.text(*number);
                let of_outside = |one: &ValueId| matches!(values.get(*one), Value::Environment(0, of) if &**of == name);
                match *values.alternatives(value) {
                    [outside, own] | [own, outside] if of_outside(&outside) => own,
                    _ => return None,
                }
            }
            _ => return None,
        };
        let begins = values.pieces(&own)[0];
        (begins != own && values.text(begins).is_none()).then_some(own)
    }

    /// Whether a value is the home directory of whoever runs the script, or of somebody who is named.
    fn is_home(&self, value: ValueId) -> bool {
        matches!(self.flow.values.get(value), Value::Environment(0, name) if &**name == "HOME" || name.starts_with('~'))
    }

    /// Whether a value is the working directory of the script, where that is not known before it runs.
    pub(super) fn is_working_directory(&self, value: ValueId) -> bool {
        match self.flow.values.get(value) {
            Value::Environment(_, name) => &**name == "PWD",
            Value::Phi(_, number) => *number == u32::MAX,
            _ => false,
        }
    }

    /// Whether what is copied there is kept, by its class or by its last name: `vpn-resolv-conf-backup` is a backup
    /// where it is the copy of something, and a job in `cron.d` where it is written.
    pub(super) fn keeps(&mut self, copy: ValueId) -> bool {
        if self.class(copy).0 == PathClass::Backup {
            return true;
        }
        let base = self.flow.values.derived(copy, "##*/");
        let (name, _) = self.flow.values.render(base);
        !name.contains(HOLE) && self.knowledge.name_class(&name) == Some(PathClass::Backup)
    }

    pub(super) fn named_class(&self, value: ValueId, depth: u32) -> Option<PathClass> {
        if depth == 0 {
            return None;
        }
        match self.flow.values.get(value) {
            Value::Environment(_, name) => self.knowledge.name_class(name),
            Value::Phi(_, number) if *number < crate::flow::state::POSITIONAL => {
                self.knowledge.name_class(self.flow.names.text(*number))
            }
            Value::Concat(parts) => parts.iter().rev().find_map(|&part| self.named_class(part, depth - 1)),
            // The directory of a file is not what the file is.
            Value::Derived(_, cut) if &**cut == "%/*" => None,
            Value::Default(inner, _) | Value::Required(inner) | Value::Derived(inner, _) => {
                self.named_class(*inner, depth - 1)
            }
            _ => None,
        }
    }

    /// What the variable that a word begins with says by its name, where its value says nothing: `$conf_file` may hold
    /// an argument or what a command printed.
    pub(super) fn class_as_written(&self, word: &str) -> Option<PathClass> {
        let word = word.trim_start_matches('"').strip_prefix('$')?;
        let word = word.strip_prefix('{').unwrap_or(word);
        let end = word.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(word.len());
        let (name, rest) = word.split_at(end);
        // The directory of a file is not what the file is.
        (!rest.starts_with("%/")).then(|| self.knowledge.name_class(name)).flatten()
    }

    /// The services whose configuration a path is.
    pub fn services_of(&mut self, value: ValueId, root: Option<ValueId>) -> Vec<ThingId> {
        let mut names: Vec<String> = Vec::new();
        if matches!(self.class(value).0, PathClass::Scratch | PathClass::Backup | PathClass::Stream | PathClass::Lock) {
            return Vec::new();
        }
        for text in self.renderings(value) {
            for service in self.knowledge.services_covering(&text) {
                let name = service.name.to_string();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.iter().map(|name| self.service_thing(name, root)).collect()
    }

    /// The variable at the front of a path that, being empty, leaves the root or a system directory to be deleted.
    pub(super) fn risky_value(&mut self, target: &Placed) -> Option<ThingId> {
        let named = target.holder.map_or(target.value, |(directory, _)| directory);
        let Value::Concat(parts) = self.flow.values.get(named).clone() else { return None };
        let first = parts[0];
        match self.flow.values.get(first) {
            // Nor are names with a sign: what `$(hostname)` prints, or a program gives to the text that it has a shell run.
            Value::Environment(_, name) if matches!(&**name, "HOME" | "PWD") || name.starts_with(['~', '$']) => {
                return None;
            }
            Value::Environment(..)
            | Value::Positional(..)
            | Value::Output(_)
            | Value::Fresh(_)
            | Value::Phi(..)
            | Value::Derived(..)
            | Value::Unknown(_)
            | Value::Default(..) => {}
            _ => return None,
        }
        let mut dummy = State::clone(self.flow.inputs.get(self.flow.graph.units[0].entry)?);
        let set = Expander { values: &mut self.flow.values, names: &mut self.flow.names, state: &mut dummy, unit: 0 }
            .is_set(first)
            // Where `mktemp` failed it printed nothing. What it printed in a function is a matter of that.
            && !matches!(self.flow.values.get(first), Value::Fresh(made) if !is_per_call(*made));
        // Where one of the values that meet is the empty text, that is what it is on that path.
        if set || given(first, &self.flow.values) == Given::Likely {
            return None;
        }
        self.is_of_the_system(&parts[1..], target.holder.is_some()).then(|| self.value_thing(first))
    }

    /// The variable that a word begins with, where it is known to hold nothing and what stands behind it is the root or a
    /// system directory.
    pub(super) fn emptied_value(&mut self, id: NodeId, name: &str, target: &Placed, state: &State) -> Option<ThingId> {
        let held = self.held(id, name, state);
        let named = target.holder.map_or(target.value, |(directory, _)| directory);
        let parts = self.flow.values.pieces(&named).to_vec();
        if self.flow.values.text(held) != Some("") || !self.is_of_the_system(&parts, target.holder.is_some()) {
            return None;
        }
        // A name for the emptiness of this variable: what was known of it before it was emptied says nothing.
        let emptied = self.flow.values.environment(set_site(site(id)), name);
        Some(self.value_thing(emptied))
    }

    /// Whether these pieces name all that is in the root, or a directory of the system; `is_holder`: what lies in what
    /// they name is meant, so that the root itself is one.
    fn is_of_the_system(&self, parts: &[ValueId], is_holder: bool) -> bool {
        let rest: String = parts.iter().map(|&part| self.flow.values.render(part).0).collect();
        let Some(below) = rest.strip_prefix('/') else { return false };
        let top = below.trim_start_matches('/').split('/').next().unwrap_or_default();
        // Quoted, a star is a name; and `rm` itself refuses the root.
        let expands = parts.iter().any(|&part| matches!(self.flow.values.get(part), Value::Pattern(_)));
        if top.contains('*') && !expands {
            return false;
        }
        let is_root = is_holder && top.is_empty();
        let system = matches!(
            top,
            "*" | ".*"
                | "."
                | "bin"
                | "boot"
                | "data"
                | "dev"
                | "etc"
                | "home"
                | "lib"
                | "lib64"
                | "mnt"
                | "opt"
                | "root"
                | "sbin"
                | "srv"
                | "sys"
                | "usr"
                | "var"
                | "var*"
        );
        let mut others = below.trim_start_matches('/').split('/').skip(1).filter(|part| !part.is_empty());
        // The directory itself, or all that lies in it.
        let whole =
            others.next().is_none_or(|second| expands && matches!(second, "*" | ".*")) && others.next().is_none();
        is_root || system && (whole || top.starts_with('*'))
    }
}
