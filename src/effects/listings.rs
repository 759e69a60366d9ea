//! What lists what: `mount` shows what `/proc/mounts` holds, `iptables -S` the rules.
//!
//! `mount | grep -q " /srv "` asks whether something is mounted, as `mountpoint -q /srv` does.

use crate::knowledge::ThingKind;

/// Where a listing comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The file in this word.
    Operand(usize),
    /// What is found under this path; those in brackets are no files.
    Known(&'static str),
}

const MOUNTS: &str = "/proc/mounts";
const RULES: &str = "/(rules)";
const DEVICES: &str = "/(devices)";
const ROUTES: &str = "/(routes)";
/// What the key of a route begins with.
const ROUTE: &str = "route ";
/// Where the lines of the user's crontab are.
pub const CRONTAB: &str = "/(crontab)";

/// What a command lists.
pub fn lists(words: &[&str]) -> Option<Listed> {
    let name = words.first()?.rsplit('/').next()?;
    let has = |option: &str| words[1..].contains(&option);
    match name {
        // A filter of what the kernel lists shows a part of it.
        "cut" | "sed" | "awk" | "gawk" | "mawk" if words.len() > 2 && kind_in(words[words.len() - 1]).is_some() => {
            Some(Listed::Operand(words.len() - 1))
        }
        "cat" | "zcat" | "sed" | "awk" | "tail" | "head" => (words.len() == 2).then_some(Listed::Operand(1)),
        "mount" if words.len() == 1 || has("-l") => Some(Listed::Known(MOUNTS)),
        "df" | "findmnt" => Some(Listed::Known(MOUNTS)),
        "iptables-save" | "ip6tables-save" => Some(Listed::Known(RULES)),
        "iptables" | "ip6tables"
            if words[1..].iter().any(|word| {
                word.starts_with("-L") || word.starts_with("-S") || word.starts_with("-nL") || *word == "--list"
            }) =>
        {
            Some(Listed::Known(RULES))
        }
        "crontab" if has("-l") => Some(Listed::Known(CRONTAB)),
        "nft" if has("list") => Some(Listed::Known(RULES)),
        "getent" if words.len() == 2 && has("passwd") => Some(Listed::Known("/etc/passwd")),
        "getent" if words.len() == 2 && has("group") => Some(Listed::Known("/etc/group")),
        _ => None,
    }
}

/// Listings of things that have a name and are no files, as knowledge tells them: `ip addr show`, `docker ps -a`.
const NAMED: [(ThingKind, &str); 7] = [
    (ThingKind::User, "/(users)"),
    (ThingKind::Group, "/(groups)"),
    (ThingKind::Network, "/(networks)"),
    (ThingKind::Database, "/(databases)"),
    (ThingKind::Container, "/(containers)"),
    (ThingKind::Device, DEVICES),
    (ThingKind::Object, "/(objects)"),
];

/// Where the things of a kind are listed.
pub fn of(kind: ThingKind) -> Option<&'static str> {
    match kind {
        ThingKind::Mount => Some(MOUNTS),
        ThingKind::Rule => Some(RULES),
        _ => NAMED.iter().find(|(named, _)| *named == kind).map(|(_, path)| *path),
    }
}

/// Where things are listed of a kind and with such a key: a list of routes shows no addresses.
pub fn listing_of(kind: ThingKind, key: &str) -> Option<&'static str> {
    if kind == ThingKind::Network && key.starts_with(ROUTE) { Some(ROUTES) } else { of(kind) }
}

/// Whether a listing of its kind shows a thing with this key.
pub fn shows(path: &str, key: &str) -> bool {
    path != ROUTES || key.starts_with(ROUTE)
}

/// The kind of thing that a file lists.
pub fn kind_in(path: &str) -> Option<ThingKind> {
    match path {
        "/proc/mounts" | "/proc/self/mounts" | "/etc/mtab" | "/proc/self/mountinfo" | "/proc/1/mounts" => {
            Some(ThingKind::Mount)
        }
        RULES => Some(ThingKind::Rule),
        ROUTES => Some(ThingKind::Network),
        "/proc/swaps" => Some(ThingKind::Device),
        "/proc/modules" => Some(ThingKind::Object),
        "/etc/passwd" => Some(ThingKind::User),
        "/etc/group" => Some(ThingKind::Group),
        _ => NAMED.iter().find(|(_, named)| *named == path).map(|(kind, _)| *kind),
    }
}

/// Whether things of this kind are listed anywhere.
pub fn is_listed(kind: ThingKind) -> bool {
    of(kind).is_some()
}

/// What `ls` or `find` shows of one directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entries {
    /// The word that names the directory; where there is none, it is the working directory.
    pub directory: Option<usize>,
    /// Names that begin with a dot are shown too.
    pub hidden: bool,
    /// How many lines are printed of a directory that is empty.
    pub lines: i64,
}

/// What a command of these words shows, where it is the content of one directory.
pub fn entries(words: &[&str]) -> Option<Entries> {
    match words.first()?.rsplit('/').next()? {
        "ls" => shown(words),
        "find" => found(words),
        _ => None,
    }
}

/// What `find DIRECTORY -mindepth 1` shows: all that is in it, or with `-quit` the first of that.
fn found(words: &[&str]) -> Option<Entries> {
    let [_, directory, tests @ ..] = words else { return None };
    let mut inside = false;
    let mut tests = tests.iter();
    while let Some(&test) = tests.next() {
        match test {
            "-mindepth" => inside |= *tests.next()? == "1",
            "-maxdepth" => {
                tests.next().filter(|&&depth| depth != "0")?;
            }
            "-print" | "-quit" => {}
            _ => return None,
        }
    }
    (inside && !directory.starts_with('-')).then_some(Entries { directory: Some(1), hidden: true, lines: 0 })
}

/// What `ls` with these words shows.
fn shown(words: &[&str]) -> Option<Entries> {
    let mut entries = Entries { directory: None, hidden: false, lines: 0 };
    let mut dots = false;
    for (at, word) in words.iter().enumerate().skip(1) {
        match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            Some("-all") => dots = true,
            Some("-almost-all") => entries.hidden = true,
            Some(letters) => {
                for letter in letters.chars() {
                    match letter {
                        'a' => dots = true,
                        'A' => entries.hidden = true,
                        '1' | 'F' | 'U' | 'c' | 'h' | 'i' | 'p' | 'q' | 'r' | 't' | 'u' => {}
                        _ => return None,
                    }
                }
            }
            None if entries.directory.is_none() => entries.directory = Some(at),
            None => return None,
        }
    }
    // `.` and `..`.
    entries.lines = 2 * i64::from(dots);
    entries.hidden |= dots;
    Some(entries)
}
