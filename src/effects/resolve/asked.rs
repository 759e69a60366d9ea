//! Questions whose answer is printed: nothing where what is looked for is not there.
//!
//! ```sh
//! v=$(grep '^port=' "$conf" | cut -d= -f2)
//! v=$(sed -n '/^port=/p' "$conf" | head -n 1)
//! v=$(awk -F= '/^port=/ {print $2}' "$conf")
//! found=$(grep '^port=' "$conf"); v=$(echo "$found" | cut -d= -f2)
//! ```
//! What filters make of an empty text is empty. That they make nothing of a line that was found is taken to mean
//! that it says nothing.

use super::super::listings::{Listed, lists};
use super::super::step::{Prints, Step};
use super::super::thing::{Fact, Thing, ThingId};
use crate::flow::graph::{NodeId, SimpleNode};
use crate::flow::state::State;
use crate::knowledge::{Argument, FactKind, FactRow, Text, ThingKind, WordKind};
use crate::syntax::tree::{Command, CommandKind, Simple};
use thin_vec::ThinVec;

use super::{Evaluated, Resolver};

impl<'t> Resolver<'_, 't> {
    /// What a command prints into a substitution, where that answers a question.
    pub(super) fn asked(
        &mut self,
        id: NodeId,
        node: &SimpleNode<'t>,
        words: &[Evaluated],
        state: &State,
    ) -> Option<Prints> {
        node.capture?;
        let before = if node.stage == Some(node.command.span) { node.before } else { &[] };
        let mut stages: Vec<Vec<Evaluated>> = Vec::with_capacity(before.len() + 1);
        let mut state = state.clone();
        for stage in before {
            let CommandKind::Simple(simple) = &stage.kind else { return None };
            stages.push(self.evaluated_all(id, simple, &mut state));
        }
        stages.push(words.to_vec());
        // `… | wc -l` counts what a search in front prints, as `grep -c` does itself.
        let lines = stages.len() > 1 && stages.last().is_some_and(|last| counts_lines(last));
        if lines {
            stages.pop();
        }
        let counted = lines || stages.last().is_some_and(|last| is_search(name(last)) && has_count(last));
        let passes_on = |stages: &[Vec<Evaluated>]| {
            stages.iter().all(|stage| self.knowledge.is(name(stage), WordKind::Filter) && !counts(stage))
        };
        if let [first, rest @ ..] = &stages[..]
            && !rest.is_empty()
            && matches!(name(first), "echo" | "printf")
            && passes_on(rest)
            && let CommandKind::Simple(simple) = &before[0].kind
            && !(rest.iter().any(|stage| is_search(name(stage))) && self.listed(id, &before[0], &mut state).is_some())
        {
            return self.printed_slot(simple).map(Prints::Like);
        }
        // `cat FILE |` in front is the file.
        let texts: Vec<&str> = stages[0].iter().map(|word| word.argument.text.as_str()).collect();
        let shown = match lists(&texts) {
            Some(Listed::Operand(at)) if name(&stages[0]) == "cat" && stages.len() > 1 => Some(stages[0][at].clone()),
            _ => None,
        };
        let at = usize::from(shown.is_some());
        let mut question = stages[at].clone();
        question.extend(shown);
        let behind = &stages[at + 1..];
        // What a listing is searched for is the question, not what it lists.
        let search = behind.iter().position(|stage| is_search(name(stage))).map(|found| at + 1 + found);
        let filters = &stages[search.unwrap_or(at) + 1..];
        let last = if filters.is_empty() { &stages[search.unwrap_or(at)][..] } else { &[] };
        // The status of a search that stands last says the same, and more exactly.
        if !passes_on(filters) || is_search(name(last)) && !counted || counted && !filters.is_empty() {
            return None;
        }
        if search.is_none()
            && !counted
            && let Some(texts) = self.answers(question.clone(), &state)
        {
            return Some(Prints::OneOf(texts));
        }
        let (found, missing) = match search {
            Some(search) => self.found_in_listing(id, &before[..search], &stages[search], &state)?,
            None if counted && !is_search(name(&question)) => return None,
            None => self.question(id, &question, &state)?,
        };
        Some(Prints::Answer { counts: counted, found, missing })
    }

    /// What a command can answer in so many words, and what each of them says.
    pub(super) fn answers(
        &mut self,
        words: Vec<Evaluated>,
        state: &State,
    ) -> Option<ThinVec<(Box<str>, ThinVec<Fact>)>> {
        let (words, ..) = self.unwrapped(words, state, &mut Step::default());
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let form = self.knowledge.command(&arguments)?.form;
        let facts = |marks: &[Text]| -> ThinVec<Fact> {
            let asked = marks.iter().filter_map(|mark| self.marks.get(&**mark));
            asked.map(|&thing| Fact { kind: FactKind::Done, thing }).collect()
        };
        let texts = form.answers.iter().map(|(text, marks)| (Box::from(&**text), facts(marks)));
        (!form.answers.is_empty()).then(|| texts.collect())
    }

    /// What the output of a search in a listing says.
    fn found_in_listing(
        &mut self,
        id: NodeId,
        listing: &[Command],
        search: &[Evaluated],
        state: &State,
    ) -> Option<(ThinVec<Fact>, ThinVec<Fact>)> {
        let mut step = Step::default();
        self.searched(id, listing, search, None, state, &mut step);
        (!step.ok.is_empty()).then_some((step.ok, step.fail))
    }

    /// The variable of `echo "$x"` and `printf '%s' "$x"`.
    fn printed_slot(&mut self, simple: &Simple) -> Option<crate::flow::graph::Slot> {
        let [_, .., word] = &simple.words[..] else { return None };
        self.slot(word)
    }

    /// What holds where a command prints something, and where it prints nothing.
    pub(super) fn question(
        &mut self,
        id: NodeId,
        words: &[Evaluated],
        state: &State,
    ) -> Option<(ThinVec<Fact>, ThinVec<Fact>)> {
        if is_search(name(words))
            && has_option(words.iter().skip(1).map(|word| &word.argument), &['q'], &["--quiet", "--silent"])
        {
            return None;
        }
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        match name(words) {
            "grep" | "egrep" | "fgrep" => {
                let step = self.laid_over(id, words, None, state)?;
                Some((step.ok, step.fail))
            }
            "sed" => {
                let silent = has_option(&arguments[1..], &['n'], &["--quiet", "--silent"]);
                let (script, files) = operands(words, &["-e", "-f"])?;
                let pattern = sed_pattern(&script.argument.text).filter(|_| silent)?;
                Some(self.text_facts(pattern, files, state))
            }
            "awk" | "gawk" | "mawk" => {
                let (program, files) = operands(words, &["-F", "-v", "-f"])?;
                match awk_pattern(&program.argument.text)? {
                    AwkPattern::Text(pattern) => Some(self.text_facts(pattern, files, state)),
                    AwkPattern::Other => {
                        let missing = files.iter().map(|file| self.path(file.value, None, state));
                        let missing = missing.map(|thing| Fact { kind: FactKind::Asked, thing }).collect();
                        Some((ThinVec::new(), missing))
                    }
                }
            }
            // The last byte of a file is printed as nothing where it is the end of a line.
            "tail" => {
                let file = match &words[1..] {
                    [count, file] if count.argument.text == "-c1" => file,
                    [option, count, file] if (&*option.argument.text, &*count.argument.text) == ("-c", "1") => file,
                    _ => return None,
                };
                let (_, ends_open) = self.text_facts("", std::slice::from_ref(file), state);
                Some((ends_open, ThinVec::new()))
            }
            _ => {
                let knowledge = self.knowledge;
                let found = knowledge.command(&arguments)?;
                let (some, none) = (&found.form.prints, &found.form.prints_nothing);
                if some.is_empty() && none.is_empty() {
                    return None;
                }
                let mut facts = |rows: &[FactRow]| -> ThinVec<Fact> {
                    let mut facts = ThinVec::new();
                    for bindings in &found.instances {
                        for row in rows {
                            let placed = self.thing(id, found.form, row.thing, bindings, words, None, state);
                            facts.extend(placed.map(|placed| Fact { kind: row.fact, thing: placed.thing }));
                        }
                    }
                    facts
                };
                Some((facts(some), facts(none)))
            }
        }
    }

    /// What the status of an `awk` says that exits with whether it found something.
    pub(super) fn awk_status(&mut self, words: &[Evaluated], state: &State) -> Option<(ThinVec<Fact>, ThinVec<Fact>)> {
        if !matches!(name(words), "awk" | "gawk" | "mawk") {
            return None;
        }
        let (program, files) = operands(words, &["-F", "-v", "-f"])?;
        let pattern = awk_flag(&program.argument.text)?;
        Some(self.text_facts(pattern, files, state))
    }

    /// That a pattern occurs in a file, and that it occurs in none.
    fn text_facts(&mut self, pattern: &str, files: &[Evaluated], state: &State) -> (ThinVec<Fact>, ThinVec<Fact>) {
        let pattern = self.flow.values.constant(pattern);
        let mut texts: Vec<ThingId> = Vec::new();
        for file in files {
            let path = self.path(file.value, None, state);
            let key = smallvec::smallvec![self.things.get(path).key[0], pattern];
            texts.push(self.things.intern(Thing { kind: ThingKind::Text, root: None, key }));
        }
        let all = |kind| texts.iter().map(|&thing| Fact { kind, thing }).collect::<ThinVec<Fact>>();
        let found = if texts.len() == 1 { all(FactKind::Contains) } else { ThinVec::new() };
        (found, all(FactKind::ContainsNot))
    }
}

fn name(words: &[Evaluated]) -> &str {
    words.first().map_or("", |word| word.argument.text.rsplit('/').next().unwrap_or_default())
}

/// Whether a `grep` prints a number, or nothing at all.
pub(super) fn counts(words: &[Evaluated]) -> bool {
    let operands = words.iter().skip(1).map(|word| &word.argument);
    is_search(name(words)) && has_option(operands, &['c', 'q'], &["--count", "--quiet", "--silent"])
}

/// Whether a search prints how many lines it found.
fn has_count(words: &[Evaluated]) -> bool {
    has_option(words.iter().skip(1).map(|word| &word.argument), &['c'], &["--count"])
}

/// Whether a command prints how many lines it reads.
fn counts_lines(words: &[Evaluated]) -> bool {
    name(words) == "wc" && words.len() == 2 && matches!(words[1].argument.text.as_str(), "-l" | "--lines")
}

/// Whether a command looks for a pattern in files.
pub fn is_search(name: &str) -> bool {
    matches!(name, "grep" | "egrep" | "fgrep")
}

/// Whether one of these options stands among the operands, alone or with other letters.
pub(super) fn has_option<'w>(
    operands: impl IntoIterator<Item = &'w Argument>,
    letters: &[char],
    long: &[&str],
) -> bool {
    operands.into_iter().any(|word| {
        let word = word.text.as_str();
        long.contains(&word) || word.starts_with('-') && !word.starts_with("--") && word.contains(letters)
    })
}

/// The script of `sed` and `awk`, and the files; options that take an argument are told.
fn operands<'w>(words: &'w [Evaluated], with_argument: &[&str]) -> Option<(&'w Evaluated, &'w [Evaluated])> {
    let mut at = 1;
    while let Some(word) = words.get(at)
        && word.argument.text.starts_with('-')
    {
        if matches!(word.argument.text.as_str(), "-e" | "-f") {
            at += 1;
            break;
        }
        at += if with_argument.contains(&word.argument.text.as_str()) { 2 } else { 1 };
    }
    let (script, files) = words.get(at..)?.split_first()?;
    let is_file = |word: &Evaluated| !word.argument.text.starts_with('-') && !word.argument.text.contains('=');
    (!files.is_empty() && files.iter().all(is_file)).then_some((script, files))
}

/// What `/RE/p` and `s/RE/…/p` look for.
fn sed_pattern(script: &str) -> Option<&str> {
    let script = script.trim();
    let (opening, rest) = match script.strip_prefix('s') {
        Some(rest) => (rest.chars().next()?, rest),
        None => ('/', script),
    };
    let (pattern, rest) = delimited(rest.strip_prefix(opening)?, opening)?;
    rest.contains('p').then_some(pattern)
}

/// What an `awk` program that prints only some lines looks for.
enum AwkPattern<'p> {
    /// A regular expression or a text.
    Text(&'p str),
    /// Something that is not understood.
    Other,
}

fn awk_pattern(program: &str) -> Option<AwkPattern<'_>> {
    if program.contains("END") {
        return None;
    }
    let program = program.trim_start();
    // `BEGIN { FS = "=" }` prints nothing.
    let program = match program.strip_prefix("BEGIN") {
        Some(rest) => {
            let (begin, rest) = rest.split_once('}')?;
            if begin.contains("print") {
                return None;
            }
            rest.trim_start()
        }
        None => program,
    };
    let mut left = program;
    while let Some((before, opening)) = left.find(['/', '"']).map(|at| left.split_at(at)) {
        // What stands in the action behind `print` is printed, not looked for.
        if before.contains("print") {
            break;
        }
        let (pattern, rest) = delimited(&opening[1..], opening.chars().next()?)?;
        if pattern.len() > 1 {
            return Some(AwkPattern::Text(pattern));
        }
        left = rest;
    }
    (!program.starts_with('{')).then_some(AwkPattern::Other)
}

/// What `/RE/ { found = 1 } END { exit !found }` looks for.
fn awk_flag(program: &str) -> Option<&str> {
    let (pattern, rest) = delimited(program.trim().strip_prefix('/')?, '/')?;
    let (set, rest) = rest.trim_start().strip_prefix('{')?.split_once('}')?;
    let (flag, one) = set.trim().trim_end_matches(';').split_once('=')?;
    let end = rest.trim_start_matches([';', ' ', '\t', '\n']).strip_prefix("END")?.trim();
    let end = end.strip_prefix('{')?.strip_suffix('}')?.trim().trim_end_matches(';');
    let told = end.strip_prefix("exit")?.trim().trim_start_matches('(').trim_end_matches(')');
    let is_told = told.trim().strip_prefix('!').is_some_and(|told| told.trim() == flag.trim());
    (is_told && one.trim() == "1").then_some(pattern)
}

/// What stands before the next delimiter that is not escaped, and what behind it.
fn delimited(text: &str, delimiter: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = text.char_indices().find(|&(_, character)| {
        let ends = character == delimiter && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| (&text[..at], &text[at + delimiter.len_utf8()..]))
}
