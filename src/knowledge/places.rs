//! The built-in globs over paths, sorted by what they ask for: a path is tried on the few that may match.

use super::builtin::TABLES;
use super::glob::{matches_parts, matches_text};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Globs by their number.
#[derive(Default)]
pub(super) struct Globs {
    parts: Vec<Vec<&'static str>>,
    /// Those that begin with two names, a name, or end in one, by these.
    by_two: HashMap<(&'static str, &'static str), Vec<u32>>,
    by_one: HashMap<&'static str, Vec<u32>>,
    by_last: HashMap<&'static str, Vec<u32>>,
    /// Those of the rest whose last name ends in a certain byte, by it.
    by_end: HashMap<u8, Vec<u32>>,
    others: Vec<u32>,
}

/// The globs of the path classes, numbered as their rows.
pub(super) fn classes() -> &'static Globs {
    static CLASSES: OnceLock<Globs> = OnceLock::new();
    CLASSES.get_or_init(|| Globs::of(TABLES.paths.iter().map(|row| &*row.glob)))
}

/// The globs of the services' configuration, and the service of each.
pub(super) fn services() -> &'static (Globs, Vec<usize>) {
    static SERVICES: OnceLock<(Globs, Vec<usize>)> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let services = || TABLES.services.iter().enumerate();
        let globs = services().flat_map(|(_, service)| service.paths.iter().map(|glob| &**glob));
        (Globs::of(globs), services().flat_map(|(at, service)| service.paths.iter().map(move |_| at)).collect())
    })
}

impl Globs {
    fn of(globs: impl Iterator<Item = &'static str>) -> Self {
        let mut sorted = Self::default();
        for (at, glob) in globs.enumerate() {
            let at = at as u32;
            let parts: Vec<&'static str> = glob.split('/').collect();
            let name = |part: Option<&&'static str>| part.copied().filter(|part| !part.contains(['*', '?']));
            let list = match (name(parts.first()), name(parts.get(1)), name(parts.get(2)), name(parts.last())) {
                (Some(""), Some(first), Some(second), _) => sorted.by_two.entry((first, second)).or_default(),
                (Some(""), Some(first), None, _) => sorted.by_one.entry(first).or_default(),
                (_, _, _, Some(last)) => sorted.by_last.entry(last).or_default(),
                _ => match parts.last().and_then(|last| last.bytes().next_back()) {
                    Some(end) if !matches!(end, b'*' | b'?') => sorted.by_end.entry(end).or_default(),
                    _ => &mut sorted.others,
                },
            };
            list.push(at);
            sorted.parts.push(parts);
        }
        sorted
    }

    /// The numbers of the globs that match a path, in order.
    pub(super) fn matching(&self, path: &[&str]) -> impl Iterator<Item = usize> {
        let mut tried: Vec<u32> = self.others.clone();
        if let ["", first, ..] = path {
            tried.extend(self.by_one.get(first).into_iter().flatten());
        }
        if let ["", first, second, ..] = path {
            tried.extend(self.by_two.get(&(*first, *second)).into_iter().flatten());
        }
        if let Some(last) = path.last() {
            tried.extend(self.by_last.get(last).into_iter().flatten());
            tried.extend(last.bytes().next_back().and_then(|end| self.by_end.get(&end)).into_iter().flatten());
        }
        tried.sort_unstable();
        // How a path ends tells most globs apart that may begin anywhere.
        let ends = |glob: &[&str]| match (glob.last(), path.last()) {
            (Some(&"**"), _) => true,
            (Some(end), Some(last)) => matches_text(end, last),
            _ => false,
        };
        let globs = tried.into_iter().map(|at| at as usize);
        globs.filter(move |&at| ends(&self.parts[at]) && matches_parts(&self.parts[at], path))
    }
}

#[cfg(test)]
mod tests {
    use super::super::glob::matches_path;
    use super::*;

    #[test]
    fn sorting_loses_no_match() {
        let rows: Vec<&str> = TABLES.paths.iter().map(|row| &*row.glob).collect();
        let paths = rows.iter().map(|glob| glob.replace("**", "a/b").replace('*', "x").replace('?', "y"));
        for path in paths.chain(["/".into(), String::new(), "etc".into(), "/etc/a/b".into(), "a/b.bak".into()]) {
            let parts: Vec<&str> = path.split('/').collect();
            let all: Vec<usize> = (0..rows.len()).filter(|&at| matches_path(rows[at], &parts)).collect();
            assert_eq!(classes().matching(&parts).collect::<Vec<_>>(), all, "{path}");
        }
    }
}
