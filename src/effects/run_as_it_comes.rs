//! Downloads that are run while they come: the edits after which all of it is there first.
//!
//! ```sh
//! curl -fsSL "$url" | sh          # script=$(mktemp) || exit 1
//!                                 # curl -fsSL "$url" > "$script" || exit 1
//!                                 # sh "$script"
//! ```

use super::resolve::Resolver;
use super::spot::Spot;
use super::step::{Occurrence, Step};
use crate::finding::Edit;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode};
use crate::flow::state::Flag;
use crate::span::Span;
use hashbrown::HashSet;

/// What runs what it reads.
const RUNS_INPUT: &str = "runs-input";
/// What brings something from elsewhere.
const FETCHES: &str = "fetches";
/// What the file is called, the first name that the script does not use.
const NAMES: [&str; 3] = ["script", "downloaded", "script_file"];

/// Adds the edits to the effects that they mend.
pub fn mend(resolver: &Resolver<'_, '_>, steps: &[Option<Box<Step>>], occurrences: &mut [Occurrence]) {
    let mut running =
        occurrences.iter_mut().filter(|one| one.marks.iter().any(|mark| **mark == *RUNS_INPUT)).peekable();
    if running.peek().is_none() {
        return;
    }
    let nodes = resolver.flow.graph.nodes.iter().zip(steps);
    let fetches = nodes.filter(|(_, step)| step.iter().flat_map(|step| &step.marks).any(|mark| **mark == *FETCHES));
    let fetches: HashSet<Span> = fetches.map(|(node, _)| node.span).collect();
    for occurrence in running {
        let Kind::Simple(simple) = &resolver.flow.graph.node(occurrence.node).kind else { continue };
        let edits = whole_first(resolver, &fetches, occurrence.node, simple);
        occurrence.edits.extend(edits.unwrap_or_default());
    }
}

fn whole_first(
    resolver: &Resolver<'_, '_>,
    fetches: &HashSet<Span>,
    node: NodeId,
    simple: &SimpleNode<'_>,
) -> Option<Vec<Edit>> {
    let spot = Spot::around(resolver.source, simple);
    let indent = spot.indent.as_ref().filter(|_| spot.ends_line)?;
    let ([fetch], []) = (simple.before, simple.behind) else { return None };
    let is_all = simple.pipeline == Some(simple.statement) && !simple.in_condition && simple.place.is_none();
    let text = resolver.written(fetch.span);
    let is_plain = fetch.redirects.is_empty() && !text.contains("<<") && simple.command.redirects.is_empty();
    if !is_all || !fetches.contains(&fetch.span) || !is_plain {
        return None;
    }
    let name = *NAMES.iter().find(|name| resolver.flow.names.find(name).is_none())?;
    let words: Option<Vec<_>> = simple.simple.words.iter().map(constant).collect();
    let runs = runs_file(&words?.iter().map(|word| &**word).collect::<Vec<_>>(), &format!("\"${name}\""))?;
    let in_function = resolver.flow.graph.node(node).unit.0 != 0;
    let stop = if in_function { "return 1" } else { "exit 1" };
    let joint = Span::new(fetch.span.end, simple.statement.end);
    let between = format!(" > \"${name}\" || {stop}\n{indent}{runs}");
    // Where the status is not that of the last step of all, the file may go behind it.
    let errexit = resolver.flow.inputs.get(node)?.errexit == Flag::On;
    let tidied = if errexit || is_followed(resolver.source, simple.statement.end) {
        format!("\n{indent}rm -f \"${name}\"")
    } else {
        String::new()
    };
    Some(vec![
        Edit { span: Span::at(simple.statement.start), text: format!("{name}=$(mktemp) || {stop}\n{indent}") },
        Edit { span: joint, text: format!("{between}{tidied}") },
    ])
}

/// Whether the next line is a step that does not ask how the last one ended, so that the status behind the file's removal is
/// nobody's.
fn is_followed(source: &[u8], end: u32) -> bool {
    let rest = source.get(end as usize..).unwrap_or_default();
    let lines = rest.split(|&byte| byte == b'\n').skip(1).map(|line| String::from_utf8_lossy(line.trim_ascii()));
    let next = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#'));
    let closes = |line: &str| {
        let word = line.split([' ', ';', ')']).next().unwrap_or_default();
        matches!(word, "" | "}" | "fi" | "done" | "else" | "elif" | "esac" | "return" | "exit")
            || line.starts_with(";;")
    };
    next.is_some_and(|line| !closes(&line) && !line.contains("$?"))
}

/// `sudo bash -s -- --yes` with a file in place of the input: `sudo bash "$script" --yes`.
fn runs_file(words: &[&str], file: &str) -> Option<String> {
    let (front, words) = match words {
        ["sudo", "-E", rest @ ..] => ("sudo -E ", rest),
        ["sudo", rest @ ..] => ("sudo ", rest),
        _ => ("", words),
    };
    let (shell, options) = words.split_first()?;
    let is_shell = matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "dash"));
    let is_quiet = |option: &&str| {
        option.strip_prefix('-').is_some_and(|letters| {
            !letters.is_empty() && letters.bytes().all(|letter| matches!(letter, b'e' | b'x' | b'u'))
        })
    };
    let plain: Vec<&str> = options.iter().take_while(|option| is_quiet(option)).copied().collect();
    let arguments = match &options[plain.len()..] {
        [] | ["-" | "-s" | "/dev/stdin"] => Vec::new(),
        ["-s", "--" | "-", rest @ ..] => rest.to_vec(),
        _ => return None,
    };
    let needs_quotes =
        |word: &&str| word.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !b"-_=./:,+@".contains(&byte));
    if !is_shell || arguments.iter().any(needs_quotes) {
        return None;
    }
    let mut told: Vec<&str> = vec![shell];
    told.extend(plain);
    told.push(file);
    told.extend(arguments);
    Some(format!("{front}{}", told.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_runs_a_file_in_place_of_its_input() {
        let runs = |text: &str| runs_file(&text.split(' ').collect::<Vec<_>>(), "F");
        assert_eq!(runs("sh").as_deref(), Some("sh F"));
        assert_eq!(runs("sudo bash -").as_deref(), Some("sudo bash F"));
        assert_eq!(runs("bash -ex -s -- --yes a").as_deref(), Some("bash -ex F --yes a"));
        assert_eq!(runs("sudo -u app sh"), None);
        assert_eq!(runs("python3"), None);
    }
}
