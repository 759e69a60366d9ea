//! Globs: over whole texts, and over paths, where `*` stays within a component and `**` does not.
//!
//! A hole in the text is a character like any other: wildcards match it, letters do not.

/// Whether a text matches a glob in which `*` is any text and `?` any character.
pub(super) fn matches_text(glob: &str, text: &str) -> bool {
    matches_letters(glob, text, |one, other| one == other)
}

/// The same for a statement, in which capitals are as good as small letters: `set global read_only=OFF`.
pub(super) fn matches_statement(glob: &str, text: &str) -> bool {
    matches_letters(glob, text, |one, other| one.eq_ignore_ascii_case(&other))
}

fn matches_letters(glob: &str, text: &str, is_same: impl Fn(u8, u8) -> bool) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    walk(
        glob.len(),
        text.len(),
        |g| glob[g] == b'*',
        |g, t| match glob[g] {
            // A character may be several bytes: all but the first are let through by the same `?`.
            b'?' => Some(1 + text[t + 1..].iter().take_while(|byte| **byte & 0xC0 == 0x80).count()),
            letter => is_same(letter, text[t]).then_some(1),
        },
    )
}

/// Whether the components of a path match a glob; `**` is any number of components, none included.
pub(super) fn matches_path(glob: &str, path: &[&str]) -> bool {
    let first = glob.split('/').next().unwrap_or_default();
    let second = glob.split('/').nth(1).unwrap_or_default();
    let literal = |part: &str| !part.contains(['*', '?']);
    // Most globs are told apart by how they begin.
    if literal(first) && path.first() != Some(&first)
        || literal(first) && literal(second) && glob.contains('/') && path.get(1) != Some(&second)
    {
        return false;
    }
    matches_parts(&glob.split('/').collect::<Vec<_>>(), path)
}

/// The same for a glob in its components.
pub(super) fn matches_parts(glob: &[&str], path: &[&str]) -> bool {
    walk(glob.len(), path.len(), |g| glob[g] == "**", |g, t| matches_text(glob[g], path[t]).then_some(1))
}

/// A path without empty components, `.` and a `/` at its end.
pub(super) fn normal(path: &str) -> String {
    let mut made = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if !made.is_empty() || path.starts_with('/') {
            made.push('/');
        }
        made.push_str(part);
    }
    if made.is_empty() && path.starts_with('/') {
        made.push('/');
    }
    made
}

/// The usual walk with one point to come back to: at worst the product of both lengths. `is_star` says which parts of
/// the glob are any number, and `matches` how much of the text another part takes.
fn walk(
    glob_length: usize,
    text_length: usize,
    is_star: impl Fn(usize) -> bool,
    matches: impl Fn(usize, usize) -> Option<usize>,
) -> bool {
    let (mut g, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text_length {
        if g < glob_length && is_star(g) {
            back = Some((g, t));
            g += 1;
        } else if let Some(taken) = (g < glob_length).then(|| matches(g, t)).flatten() {
            g += 1;
            t += taken;
        } else if let Some((star, from)) = back {
            back = Some((star, from + 1));
            (g, t) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    (g..glob_length).all(is_star)
}
