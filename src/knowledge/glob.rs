//! Globs: over whole texts, and over paths, where `*` stays within a component and `**` does not.
//!
//! A hole in the text is a character like any other: wildcards match it, letters do not.

/// Whether a text matches a glob in which `*` is any text and `?` any character.
pub(super) fn matches_text(glob: &str, text: &str) -> bool {
    let (glob, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), text.chars().collect());
    wild(&glob, &text)
}

/// Whether a path matches a glob; `**` is any number of components, none included.
pub(super) fn matches_path(glob: &str, path: &str) -> bool {
    let glob: Vec<&str> = glob.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    components(&glob, &path)
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

fn components(glob: &[&str], path: &[&str]) -> bool {
    match (glob.split_first(), path.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((&"**", rest)), _) => {
            components(rest, path) || path.split_first().is_some_and(|(_, later)| components(glob, later))
        }
        (Some(_), None) => false,
        (Some((first, rest)), Some((part, later))) => matches_text(first, part) && components(rest, later),
    }
}

/// The usual walk with one point to come back to: linear in practice, never exponential.
fn wild(glob: &[char], text: &[char]) -> bool {
    let (mut g, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                back = Some((g, t));
                g += 1;
            }
            Some('?') => {
                g += 1;
                t += 1;
            }
            Some(letter) if *letter == text[t] => {
                g += 1;
                t += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    g = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|letter| *letter == '*')
}
