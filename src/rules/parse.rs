//! One rule file, from text to [`Rule`].
//!
//! ```text
//! +++
//! code = "NH301"
//! …
//! +++
//! # restart-unvalidated
//! …the page, with fenced examples…
//! ```
//!
//! The form is closed: a key or word that is not known is refused with its place and, where one is near, a
//! suggestion. This file is also compiled into the build script, so a mistake in a rule of our own is a build
//! error, and a mistake in a user's rule reads the same.

use super::file::{
    Condition, Deadline, Debt, EffectPattern, FixKind, FixTemplate, Given, List, Of, Rule, SeverityTable, Shift, Text,
    Trigger, When,
};
use super::parse_page;
use super::parse_table::{Fields, Problem, Source};
use super::parse_template::template;
use super::template::Template;
use crate::finding::{Applicability, Confidence, Severity};
use crate::knowledge::{FactKind, How};
use crate::role::Role;
use std::ops::Range;
use toml::de::DeTable;

/// Reads one rule file. Its path gives the name (the file) and the family (the folder).
///
/// # Errors
///
/// The first mistake, with its place.
pub fn parse_rule(path: &str, text: &str) -> Result<Rule, Problem> {
    let source = Source { path, text };
    let (front, page) = split(&source)?;
    let masked = blank_outside(text, &front);
    let table =
        DeTable::parse(&masked).map_err(|error| source.problem(error.span().unwrap_or(0..0), error.message()))?;
    let (family, name) = family_and_name(path);
    let fields = Fields::new(&source, table.span(), table.get_ref());

    let code = code(&source, &fields)?;
    let trigger = trigger(&fields)?;
    let after = fields.list("after", condition)?;
    let unless = fields.list("unless", condition)?;
    let given = fields.list("given", given)?;
    let owes = fields.list("owes", debt)?;
    let once = fields.optional_word("once")?;
    let covers = covers(&source, &fields)?;
    let severity = severity(&fields)?;
    let labels = labels(&source, &fields, &after)?;
    let fixes = fixes(&source, &fields, &after)?;
    let rule = Rule {
        code,
        name: Text::Owned(name.to_owned()),
        family: Text::Owned(family.to_owned()),
        summary: fields.text("summary")?.0.to_owned().into(),
        trigger,
        after,
        unless,
        given,
        owes,
        once,
        covers,
        severity,
        confidence: fields.word::<Confidence>("confidence")?,
        message: required_template(&source, &fields, "message")?,
        label: optional_template(&source, &fields, "label")?,
        labels,
        help: optional_template(&source, &fields, "help")?,
        fixes,
        page: Text::Owned(text[page.clone()].trim_start().to_owned()),
        examples: parse_page::examples(&source, page.clone())?.into(),
    };
    fields.finish()?;
    heading(&source, &rule, page)?;
    Ok(rule)
}

/// The byte ranges of the front matter (without its fences) and of the page.
fn split(source: &Source) -> Result<(Range<usize>, Range<usize>), Problem> {
    let text = source.text;
    let opening = "+++\n";
    if !text.starts_with(opening) {
        return Err(source.problem(0..0, "a rule file begins with a line `+++`"));
    }
    let start = opening.len();
    match text[start..].find("\n+++\n") {
        Some(length) => Ok((start..start + length + 1, start + length + "\n+++\n".len()..text.len())),
        None => Err(source.problem(0..opening.len(), "the front matter has no closing line `+++`")),
    }
}

/// The same text with everything outside `kept` blanked, so that places in the front matter are places in the
/// file.
fn blank_outside(text: &str, kept: &Range<usize>) -> String {
    let mut masked = " ".repeat(kept.start.saturating_sub(1));
    masked.push('\n');
    masked.push_str(&text[kept.clone()]);
    masked
}

fn family_and_name(path: &str) -> (&str, &str) {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let family = folder.rsplit_once('/').map_or(folder, |(_, last)| last);
    (family, file.strip_suffix(".md").unwrap_or(file))
}

/// Letters, then digits: `NH301`; a user's rules have letters of their own.
pub(super) fn is_code(text: &str) -> bool {
    let digits = text.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let letters = text.len() - digits.len();
    letters >= 2 && digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn code(source: &Source, fields: &Fields) -> Result<Text, Problem> {
    let (text, span) = fields.text("code")?;
    if is_code(text) {
        Ok(Text::Owned(text.to_owned()))
    } else {
        Err(source.problem(span, "a code is capital letters and at least three digits, such as `NH301`"))
    }
}

fn covers(source: &Source, fields: &Fields) -> Result<List<Text>, Problem> {
    let mut codes = Vec::new();
    for (text, span) in fields.texts("covers")? {
        if !is_code(text) {
            return Err(source.problem(span, "`covers` lists codes, such as `NH304`"));
        }
        codes.push(Text::Owned(text.to_owned()));
    }
    Ok(codes.into())
}

fn trigger(fields: &Fields) -> Result<Trigger, Problem> {
    match (fields.table("effect")?, fields.optional_text("detector")?) {
        (Some(effect), None) => Ok(Trigger::Effect(pattern(&effect)?)),
        (None, Some((name, _))) => Ok(Trigger::Detector(Text::Owned(name.to_owned()))),
        (Some(_), Some((_, span))) => Err(fields.problem(span, "a rule has an `effect` or a `detector`, not both")),
        (None, None) => Err(fields.missing("effect")),
    }
}

fn pattern(fields: &Fields) -> Result<EffectPattern, Problem> {
    let pattern = EffectPattern {
        kind: fields.words("kind")?,
        how: fields.words("how")?,
        class: fields.words("class")?,
        except: fields.words("except")?,
        second_run: fields.words("second-run")?,
        skips: fields.flag("skips")?,
        reads_target: fields.flag("reads-target")?,
        replaces: fields.flag("replaces")?,
        needs_validator: fields.flag("needs-validator")?,
        relative: fields.flag("relative")?,
        failure_lost: fields.flag("failure-lost")?,
        failure_told: fields.flag("failure-told")?,
        marks: marks(fields, "marks")?,
        with_marks: marks(fields, "with-marks")?,
        unmarked: marks(fields, "unmarked")?,
        actions: marks(fields, "actions")?,
        doubted: marks(fields, "doubted")?,
        variable_path: fields.flag("variable-path")?,
    };
    if pattern.kind.is_empty() {
        return Err(fields.missing("kind"));
    }
    fields.finish()?;
    Ok(pattern)
}

fn condition(fields: &Fields) -> Result<Condition, Problem> {
    let condition = asked(fields)?;
    fields.finish()?;
    Ok(condition)
}

/// The fields of a condition, which may stand among others. What names marks is about marks.
fn asked(fields: &Fields) -> Result<Condition, Problem> {
    let mark = marks(fields, "mark")?;
    let of = match fields.optional_word::<Of>("of")? {
        Some(Of::Mark) => return Err(fields.problem(fields.span(), "`mark = \"…\"` says that it is about a mark")),
        Some(_) if !mark.is_empty() => {
            return Err(fields.problem(fields.span(), "a condition is about a `mark` or `of` a thing, not both"));
        }
        Some(of) => of,
        None if !mark.is_empty() => Of::Mark,
        None => return Err(fields.missing("of")),
    };
    Ok(Condition { fact: fields.word("fact")?, of, with: fields.words("with")?, how: fields.words("how")?, mark })
}

/// Marks are words that rows of knowledge give, and actions words that scripts are told; the list is open.
fn marks(fields: &Fields, key: &str) -> Result<List<Text>, Problem> {
    Ok(fields.texts(key)?.into_iter().map(|(text, _)| Text::Owned(text.to_owned())).collect())
}

fn given(fields: &Fields) -> Result<Given, Problem> {
    let when = match (fields.optional_word("is")?, fields.has("fact")) {
        (Some(is), false) => When::Is(is),
        (Some(_), true) => return Err(fields.problem(fields.span(), "`given` asks a `fact` or an `is`, not both")),
        (None, _) => When::Fact(asked(fields)?),
    };
    let given = Given { when, absent: fields.flag("absent")?, severity: fields.word::<Shift>("severity")? };
    fields.finish()?;
    Ok(given)
}

fn debt(fields: &Fields) -> Result<Debt, Problem> {
    let Condition { fact, of, mark, .. } = asked(fields)?;
    let debt = Debt { fact, of, mark, by: fields.word::<Deadline>("by")? };
    fields.finish()?;
    Ok(debt)
}

fn severity(fields: &Fields) -> Result<SeverityTable, Problem> {
    let Some(table) = fields.table("severity")? else { return Err(fields.missing("severity")) };
    let default = table.word::<Severity>("default")?;
    let mut roles = Vec::new();
    for role in Role::ALL {
        if role == Role::Unknown {
            continue; // judged like config: no entry of its own, and one in a file is refused
        }
        if let Some(severity) = table.optional_word::<Severity>(role.as_str())? {
            roles.push((role, severity));
        }
    }
    table.finish()?;
    Ok(SeverityTable { default, roles: roles.into() })
}

fn labels(source: &Source, fields: &Fields, after: &[Condition]) -> Result<List<(FactKind, Template)>, Problem> {
    let Some(table) = fields.table("labels")? else { return Ok(List::default()) };
    let mut labels = Vec::new();
    for (key, span) in table.keys() {
        let fact = source.word::<FactKind>(key, &span)?;
        if !after.iter().any(|condition| condition.fact == fact) {
            return Err(source.problem(span, "a label belongs to a fact of `after`"));
        }
        labels.push((fact, required_template(source, &table, key)?));
    }
    table.finish()?;
    Ok(labels.into())
}

fn fixes(source: &Source, fields: &Fields, after: &[Condition]) -> Result<List<FixTemplate>, Problem> {
    fields.list("fix", |table| {
        let kind = table.word::<FixKind>("kind")?;
        let at = table.optional_word::<FactKind>("at")?;
        if at.is_some_and(|fact| !after.iter().any(|condition| condition.fact == fact)) {
            return Err(source.problem(table.span(), "`at` names a fact of `after`: the fix goes where it was lost"));
        }
        let at_how = table.words::<How>("at-how")?;
        let absorbs = table.optional_word::<FactKind>("absorbs")?;
        if absorbs.is_some_and(|fact| !after.iter().any(|condition| condition.fact == fact)) {
            return Err(source.problem(table.span(), "`absorbs` names a fact of `after`: the step that lost it goes"));
        }
        let except = table.words("except")?;
        let names: Vec<Text> = table.texts("names")?.into_iter().map(|(name, _)| name.to_owned().into()).collect();
        let commands: Vec<Text> = table.texts("for")?.into_iter().map(|(name, _)| name.to_owned().into()).collect();
        let unmarked = marks(table, "unmarked")?;
        let unless = table.list("unless", condition)?;
        let marks = marks(table, "marks")?;
        let needs_text = !matches!(
            kind,
            FixKind::Repeatable
                | FixKind::RemoveIgnore
                | FixKind::None
                | FixKind::Append
                | FixKind::Beside
                | FixKind::Own
                | FixKind::Pipefail
                | FixKind::Aside
        );
        let text = if needs_text {
            required_template(source, table, "text")?
        } else if table.has("text") {
            return Err(source.problem(table.span(), "a fix of this kind has no `text`"));
        } else {
            Template::default()
        };
        let not_for = table.words("not-for")?;
        let not_saying: Vec<Text> =
            table.texts("not-saying")?.into_iter().map(|(glob, _)| glob.to_owned().into()).collect();
        let (heard, last_of_kind) = (table.flag("heard")?, table.flag("last-of-kind")?);
        let needs = table.optional_text("needs")?.map(|(name, _)| name.to_owned().into());
        let without = table.optional_text("without")?.map(|(name, _)| name.to_owned().into());
        let title = required_template(source, table, "title")?;
        let applicability = if kind == FixKind::None {
            table.optional_word("applicability")?.unwrap_or(Applicability::Manual)
        } else {
            table.word::<Applicability>("applicability")?
        };
        table.finish()?;
        let (commands, names) = (commands.into(), names.into());
        Ok(FixTemplate {
            kind,
            commands,
            marks,
            at,
            at_how,
            absorbs,
            except,
            names,
            text,
            title,
            applicability,
            unmarked,
            needs,
            without,
            unless,
            not_for,
            heard,
            not_saying: not_saying.into(),
            last_of_kind,
        })
    })
}

fn required_template(source: &Source, fields: &Fields, key: &str) -> Result<Template, Problem> {
    let (text, span) = fields.text(key)?;
    template(source, text, &span)
}

fn optional_template(source: &Source, fields: &Fields, key: &str) -> Result<Option<Template>, Problem> {
    fields.optional_text(key)?.map(|(text, span)| template(source, text, &span)).transpose()
}

/// The page's heading is the rule's name: a renamed file cannot keep the old one.
fn heading(source: &Source, rule: &Rule, page: Range<usize>) -> Result<(), Problem> {
    if rule.page.lines().next() == Some(&format!("# {}", rule.name)) {
        return Ok(());
    }
    Err(source.problem(page.start..page.start, &format!("the page begins with the heading `# {}`", rule.name)))
}
