//! Reads the small scripts in operands, sed's and SQL's, into one word that says what they do.
//!
//! It knows nothing of forms: a form asks for a class and gets texts to fill its roles with.

use super::schema::model::Reader;

/// What a small script does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Classified {
    /// The class.
    pub(super) class: &'static str,
    /// Texts by the reader's names for them.
    pub(super) texts: Vec<(&'static str, String)>,
}

/// Reads a script.
pub(super) fn classify(reader: Reader, text: &str) -> Classified {
    match reader {
        Reader::Sed => sed(text),
        Reader::Sql => sql(text),
    }
}

fn of(class: &'static str) -> Classified {
    Classified { class, texts: Vec::new() }
}

/// `delete` takes away the lines that match, `append` adds a text in every run, `step` changes the file again in every run, `edit` twice is as once.
fn sed(script: &str) -> Classified {
    let script = script.trim();
    let (numeric, after) = address(script);
    match after.chars().next() {
        Some('d') if numeric && after.len() == 1 => of("step"),
        Some('d') if after.len() == 1 && !script.starts_with('\\') => {
            match script.strip_prefix('/').and_then(|inside| delimited(inside, '/')) {
                Some((pattern, "d")) => Classified { class: "delete", texts: vec![("TEXT", pattern.to_owned())] },
                _ => of("edit"),
            }
        }
        // What is done behind it may see to it that the next run adds nothing.
        Some('a' | 'i') if !ends_its_text(after) => of("edit"),
        Some('a' | 'i') => Classified { class: "append", texts: vec![("TEXT", script.to_owned())] },
        Some('s') => substitution(&after[1..]).unwrap_or_else(|| of("edit")),
        _ => of("edit"),
    }
}

/// Whether nothing stands behind a text that is added: it goes on where a line ends in a backslash.
fn ends_its_text(command: &str) -> bool {
    let text = command.trim_end().lines().rev().skip(1);
    text.into_iter().all(|line| line.ends_with('\\'))
}

/// Skips up to two addresses; says whether they are line numbers.
fn address(script: &str) -> (bool, &str) {
    let mut rest = script;
    let mut numeric = false;
    for _ in 0..2 {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            (numeric, rest) = (true, &rest[digits..]);
        } else if let Some(after) = rest.strip_prefix('$') {
            (numeric, rest) = (true, after);
        } else if let Some((_, after)) = rest.strip_prefix('/').and_then(|inside| delimited(inside, '/')) {
            (numeric, rest) = (false, after);
        } else {
            break;
        }
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => break,
        }
    }
    (numeric, rest.trim_start())
}

/// The text up to an unescaped delimiter, and what follows it.
fn delimited(text: &str, delimiter: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (index, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == delimiter {
            return Some((&text[..index], &text[index + letter.len_utf8()..]));
        }
    }
    None
}

/// A substitution whose result still matches its pattern adds in every run, unless the pattern spans the whole line.
fn substitution(text: &str) -> Option<Classified> {
    let delimiter = text.chars().next()?;
    let (old, rest) = delimited(&text[delimiter.len_utf8()..], delimiter)?;
    let (new, _) = delimited(rest, delimiter)?;
    let spans = old.contains(".*") || old.starts_with("^[^") || new.contains("\\1");
    let core = old.trim_matches(['^', '$']);
    let put = new.replace('&', core);
    let again = match (old.starts_with('^'), old.ends_with('$')) {
        (false, false) => put.contains(core),
        (start, end) => (!start || put.starts_with(core)) && (!end || put.ends_with(core)),
    };
    let class = if again && !spans { "grow" } else { "edit" };
    Some(Classified { class, texts: vec![("TEXT", new.to_owned())] })
}

const OBJECTS: [&str; 8] = ["user", "role", "database", "schema", "extension", "table", "index", "view"];

fn sql(text: &str) -> Classified {
    let words: Vec<&str> = text.split_whitespace().collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let word = |index: usize| lower.get(index).map_or("", String::as_str);
    let statements = text.trim().trim_end_matches(';').contains(';');
    match word(0) {
        _ if statements => of("other"),
        verb @ ("create" | "drop") => {
            let mut at = 1;
            let mut tolerant = false;
            if word(1) == "or" && word(2) == "replace" {
                (at, tolerant) = (3, true);
            }
            let object = word(at).to_owned();
            if !OBJECTS.contains(&object.as_str()) {
                return of("other");
            }
            at += 1;
            if word(at) == "if" {
                tolerant = true;
                at += if word(at + 1) == "not" { 3 } else { 2 };
            }
            let name = words.get(at).map_or("", |name| name.trim_matches(['"', '`', ';', '(', ')']));
            let class = match (verb, tolerant) {
                ("create", false) => "create",
                ("create", true) => "create-ok",
                (_, false) => "drop",
                (_, true) => "drop-ok",
            };
            let kind = if object == "user" { "role" } else { object.as_str() };
            Classified { class, texts: vec![("KIND", kind.to_owned()), ("OBJECT", name.to_owned())] }
        }
        "insert" => {
            let tolerant = lower.iter().any(|word| word == "conflict" || word == "ignore");
            let table = words.get(2).map_or("", |name| name.trim_matches(['"', '`', ';', '(', ')']));
            let class = if tolerant { "insert-ok" } else { "insert" };
            Classified { class, texts: vec![("KIND", "rows".to_owned()), ("OBJECT", table.to_owned())] }
        }
        "grant" | "alter" | "revoke" => Classified {
            class: "set",
            texts: vec![("KIND", "grant".to_owned()), ("OBJECT", words.get(1..).unwrap_or_default().join(" "))],
        },
        "select" | "show" => listing(&lower),
        _ => of("other"),
    }
}

/// A question, and if it is one about the catalogue, its output says whether something is there.
fn listing(lower: &[String]) -> Classified {
    let text = lower.join(" ");
    let kind = if text.contains("pg_database") {
        "database"
    } else if text.contains("pg_roles") || text.contains("pg_user") {
        "role"
    } else if text.contains("to_regclass") {
        "table"
    } else {
        return of("query");
    };
    let name = text.split('\'').nth(1).unwrap_or("*").to_owned();
    Classified { class: "list", texts: vec![("KIND", kind.to_owned()), ("OBJECT", name)] }
}
