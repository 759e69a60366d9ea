//! How a fix is written, by its shape: in the style of the place, on one line where the script has one line.
//!
//! It knows places and texts, and nothing of rules. Where a shape does not fit a place, there is no edit.

use crate::effects::{Habits, Occurrence, Payment, Spot};
use crate::finding::Edit;
use crate::knowledge::How;
use crate::span::Span;

fn insert(at: u32, text: String) -> Edit {
    Edit { span: Span::at(at), text }
}

/// A line of its own before the statement. In a list it is one command with what it guards, so that `!`, `||` and `&&`
/// around it stay about both; where somebody acts on the failure, the failure of the check is one.
pub fn before(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    let is_line = spot.last && spot.alone && spot.indent.is_some();
    // The status that the command asks for would be another one.
    if spot.piped || spot.asks || text.contains('\n') && !is_line {
        return None;
    }
    let braces =
        |joint: &str| vec![insert(spot.span.start, format!("{{ {joint}")), insert(spot.span.end, "; }".to_owned())];
    Some(match &spot.indent {
        // What may fail decides nothing.
        _ if !spot.last && text.ends_with("|| :") => braces(&format!("{text}; ")),
        _ if !spot.last => {
            let joint = format!("{} && ", without_stop(text));
            if spot.alone { vec![insert(spot.span.start, joint)] } else { braces(&joint) }
        }
        // Who passes a failure over means to go on behind it: the command is left out, and nothing ends.
        _ if spot.swallowed.is_some() => braces(&format!("{} && ", without_stop(text))),
        _ if !spot.alone => braces(&format!("{text}; ")),
        Some(indent) => {
            let lines = text.replace('\n', &format!("\n{indent}"));
            vec![insert(spot.lead, format!("{lines}\n{indent}"))]
        }
        None => vec![insert(spot.span.start, format!("{text}; "))],
    })
}

/// Lines below each other with these blanks in front, or on one line.
pub fn laid_out(text: &str, indent: Option<&str>) -> String {
    match indent {
        Some(indent) if indent.contains('\t') => text.replace("\n    ", "\n\t").replace('\n', &format!("\n{indent}")),
        Some(indent) => text.replace('\n', &format!("\n{indent}")),
        None => text.lines().map(str::trim_start).collect::<Vec<_>>().join("; ").replace("; do; ", "; do "),
    }
}

/// `nginx -t` of `nginx -t || exit 1`.
fn without_stop(text: &str) -> &str {
    text.rsplit_once(" || ").map_or(text, |(check, _)| check)
}

/// `text || command`; in braces where the command is a part of a list.
pub fn guard(text: &str, spot: &Spot) -> Vec<Edit> {
    if spot.alone {
        return vec![Edit { span: Span::at(spot.span.start), text: format!("{text} || ") }];
    }
    vec![
        Edit { span: Span::at(spot.span.start), text: format!("{{ {text} || ") },
        Edit { span: Span::at(spot.span.end), text: "; }".to_owned() },
    ]
}

/// `command || text`, in place of a `|| true`; in braces where the command is the last part of a list.
pub fn or_else(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    // Whoever asks next has thought of the failure, and would not be come to any more.
    if spot.piped || !spot.last || spot.asked_next {
        return None;
    }
    match spot.swallowed {
        Some(span) => Some(vec![Edit { span, text: format!(" || {text}") }]),
        None if spot.alone => Some(vec![insert(spot.span.end, format!(" || {text}"))]),
        None => Some(vec![insert(spot.span.start, "{ ".to_owned()), insert(spot.span.end, format!(" || {text}; }}"))]),
    }
}

/// A line of its own after the statement; where something follows on the same line, `; text` behind it.
pub fn after(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    let is_whole = spot.last && (spot.alone || spot.swallowed.is_some()) || spot.stops;
    // What stands behind it would change the status that is asked for there.
    if spot.piped || !is_whole || spot.asked_next || spot.span.start != spot.statement.start {
        return None;
    }
    let end = spot.statement.end;
    Some(match &spot.indent {
        Some(indent) if spot.ends_line => vec![insert(end, format!("\n{indent}{}", laid_out(text, Some(indent))))],
        _ => vec![insert(end, format!("; {}", laid_out(text, None)))],
    })
}

/// A line of its own after the statement that sets an EXIT trap; the script has none that it would take the place of. It goes
/// where the script itself does what the trap is for.
pub fn trap(text: &str, spot: &Spot, habits: &Habits, payment: Option<&Payment>) -> Option<Vec<Edit>> {
    if text.contains(['\'', '\n']) || habits.traps_exit {
        return None;
    }
    let mut edits = after(&format!("trap '{text}' EXIT"), spot)?;
    for place in payment.iter().filter(|payment| *payment.text == *text).flat_map(|payment| &payment.places) {
        edits.extend(after("trap - EXIT", place)?);
    }
    Some(edits)
}

/// Lines in front of whatever the script does first.
pub fn top(text: &str, habits: &Habits) -> Option<Vec<Edit>> {
    Some(vec![insert(habits.top?, format!("{text}\n"))])
}

/// What follows a message, as a command of its own; where the message stands behind `||` or `&&`, both within braces.
pub fn after_message(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    if spot.piped || spot.span.end != spot.statement.end {
        return None;
    }
    Some(match &spot.indent {
        Some(indent) if spot.alone && spot.ends_line => vec![insert(spot.span.end, format!("\n{indent}{text}"))],
        _ if spot.alone => vec![insert(spot.span.end, format!("; {text}"))],
        _ => vec![insert(spot.span.start, "{ ".to_owned()), insert(spot.span.end, format!("; {text}; }}"))],
    })
}

/// `command > file.part && mv -- file.part file`. A failure that errexit would end the script for does so still.
pub fn aside(stop: &str, occurrence: &Occurrence) -> Option<Vec<Edit>> {
    let (spot, target) = (&occurrence.spot, occurrence.target_written.as_deref()?);
    let end = occurrence.operand?.end;
    let is_inside = spot.span.start < end && end <= spot.span.end;
    if spot.piped || !is_inside || spot.span.end != spot.statement.end || !spot.last {
        return None;
    }
    let moves = format!("mv -- {target}.part {target}");
    let ends = spot.options.errexit != Some(false);
    let stop = if ends { format!(" || {stop}") } else { String::new() };
    let (front, behind) = match &spot.indent {
        Some(indent) if spot.alone && spot.ends_line && spot.options.errexit == Some(true) => {
            ("", format!("\n{indent}{moves}"))
        }
        _ if spot.alone => ("", format!(" && {moves}{stop}")),
        _ if ends && !spot.behind_or => return None,
        _ => ("{ ", format!(" && {moves}; }}{stop}")),
    };
    let mut edits = vec![insert(spot.span.start, front.to_owned())];
    edits.retain(|edit| !edit.text.is_empty());
    // Two insertions at one place would be in each other's way.
    if end == spot.span.end {
        edits.push(insert(end, format!(".part{behind}")));
    } else {
        edits.extend([insert(end, ".part".to_owned()), insert(spot.span.end, behind)]);
    }
    Some(edits)
}

/// `set -o pipefail` in front of the pipeline, for all of the script or, where it has other pipelines, for this one; `|| stop`
/// behind it, where errexit does not do that.
pub fn pipefail(stop: &str, spot: &Spot, habits: &Habits) -> Option<Vec<Edit>> {
    let is_off = habits.lacks_pipefail || habits.is_bash && spot.options.pipefail == Some(false);
    let indent = spot.indent.as_ref().filter(|_| spot.ends_line)?;
    let stops = spot.options.errexit != Some(true);
    // What returns would leave it set for others.
    if !spot.lost_in_pipe || !is_off || spot.asked_next || habits.pipelines > 1 && stops && stop.starts_with("return") {
        return None;
    }
    let stopped = if stops { format!(" || {stop}") } else { String::new() };
    let off = if habits.pipelines > 1 { format!("\n{indent}set +o pipefail") } else { String::new() };
    let behind = stopped + &off;
    let mut edits = vec![insert(spot.lead, format!("set -o pipefail\n{indent}"))];
    if !behind.is_empty() {
        edits.push(insert(spot.statement.end, behind));
    }
    Some(edits)
}

/// `old => new`, where the old words stand in the command once.
pub fn replace(text: &str, occurrence: &Occurrence) -> Option<Vec<Edit>> {
    let (old, new) = text.split_once(" => ")?;
    let mut places = occurrence.written.match_indices(old);
    let (at, _) = places.next().filter(|_| places.next().is_none())?;
    let start = occurrence.span.start + at as u32;
    Some(vec![Edit { span: Span::new(start, start + old.len() as u32), text: new.to_owned() }])
}

/// The `>` in front of the target of a redirection, where it is a plain one.
fn redirection(occurrence: &Occurrence) -> Option<Span> {
    let (operand, start) = (occurrence.operand?, occurrence.span.start);
    let before = occurrence.written.get(..operand.start.checked_sub(start)? as usize)?;
    let before = before.strip_suffix('"').or_else(|| before.strip_suffix('\'')).unwrap_or(before);
    let before = before.trim_end_matches([' ', '\t']);
    let front = before.strip_suffix('>')?;
    // `>>`, `&>`, `<>`, and `2>` of the errors, which may share the file with the output.
    if front.ends_with(['>', '&', '<', '|', '2', '3', '4', '5', '6', '7', '8', '9']) {
        return None;
    }
    let at = start + front.len() as u32;
    Some(Span::new(at, at + 1))
}

/// `>>` instead of `>`.
pub fn append(occurrence: &Occurrence) -> Option<Vec<Edit>> {
    Some(vec![insert(redirection(occurrence)?.end, ">".to_owned())])
}

/// `cp -p file file.new && command > file.new && mv file.new file`: mode and owner stay those of the old file, which stays
/// as it is where the command fails. A tree is removed when the new one is whole.
pub fn beside(stop: &str, occurrence: &Occurrence) -> Option<Vec<Edit>> {
    let (spot, target) = (&occurrence.spot, occurrence.target_written.as_deref()?);
    let (operand, wrapper) = (occurrence.operand?, &occurrence.wrapper);
    let is_redirected = redirection(occurrence).is_some();
    let is_word = occurrence.option_at.is_some() && !target.starts_with('-') && !target.contains('=');
    let name = target.trim_end_matches(['"', '\'']);
    let is_name = !name.ends_with(['/', '.']) && !target.contains(['*', '?', '[']);
    if spot.piped || !is_name || !(is_redirected && occurrence.written.ends_with(target) || is_word) {
        return None;
    }
    // What a clone that was killed has left would be in the way of the next one.
    let end = if occurrence.how == How::Checkout { ".new.$$" } else { ".new" };
    let new = format!("{target}{end}");
    let front = match occurrence.how {
        How::Checkout => String::new(),
        _ if occurrence.reads_target => format!("{wrapper}cp -p -- {target} {new} && "),
        _ => format!("{{ [ ! -e {target} ] || {wrapper}cp -p -- {target} {new}; }} && "),
    };
    let removed =
        if occurrence.how == How::Checkout { format!("{wrapper}rm -rf -- {target} && ") } else { String::new() };
    let moved = format!(" && {removed}{wrapper}mv -- {new} {target}");
    // In front of `&&` errexit would not hear of a failure any more.
    let (open, close) = match spot.alone {
        false => ("{ ", "; }".to_owned()),
        true if spot.options.errexit == Some(true) && spot.last => ("", format!(" || {stop}")),
        true if spot.options.errexit.is_none() && spot.last => ("", " || false".to_owned()),
        true => ("", String::new()),
    };
    let mut edits = Vec::new();
    if !(open.is_empty() && front.is_empty()) {
        edits.push(insert(spot.span.start, format!("{open}{front}")));
    }
    if operand.end == spot.span.end {
        edits.push(insert(operand.end, format!("{end}{moved}{close}")));
    } else {
        edits.push(insert(operand.end, end.to_owned()));
        edits.push(insert(spot.span.end, format!("{moved}{close}")));
    }
    Some(edits)
}

/// The step right in front of this one goes, which does both.
pub fn in_one(mut edits: Vec<Edit>, here: &Spot, gone: &Spot) -> Option<Vec<Edit>> {
    let is_first = if gone.statement == here.statement { gone.span.start == gone.statement.start } else { gone.alone };
    if gone.piped || !is_first || gone.next != here.span.start || gone.span.start >= here.span.start {
        return None;
    }
    let span = Span::new(gone.span.start, here.span.start);
    match edits.first_mut() {
        // What is put in front of this step takes the place of the other.
        Some(first) if first.span == Span::at(here.span.start) => first.span = span,
        _ => edits.insert(0, Edit { span, text: String::new() }),
    }
    Some(edits)
}

/// Counts the turns of a loop.
pub fn bound(text: &str, spot: &Spot) -> Option<Vec<Edit>> {
    let turn = spot.turn.as_ref()?;
    let count = turn.count.as_ref()?;
    let name = count.name;
    let start = match &spot.indent {
        Some(indent) => format!("{name}=0\n{indent}"),
        None => format!("{name}=0; "),
    };
    let counted = format!("{name}=$(({name} + 1))");
    let asked = format!("[ \"${name}\" -le {} ] || {text}", count.most);
    let apart = turn.indent.as_ref().map_or_else(|| "; ".to_owned(), |indent| format!("\n{indent}"));
    let pause = if count.sleeps { format!("sleep 1{apart}") } else { String::new() };
    let inner = format!("{counted}{apart}{asked}{apart}{pause}");
    Some(vec![insert(spot.lead, start), insert(turn.start, inner)])
}
