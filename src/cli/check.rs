//! `noharm check`: find, read, judge, perhaps mend, show.

use super::args::{Check, Color, Format};
use super::files::{self, Job, Jobs, failure};
use super::mending::{self, Person};
use super::{Answer, json_text, terminal};
use crate::config::Settings;
use crate::finding::Severity;
use crate::fix::{self, Outcome, Wanted};
use crate::report::{Checked, Failure, Run, account, concise, human, json};
use crate::source::{DiskLoader, Source};
use crate::span::Span;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// What came of one file.
struct Done {
    checked: Checked,
    fail_on: Severity,
    mended: Vec<Box<str>>,
    failure: Option<Failure>,
    /// Words for standard error that are no failure.
    remark: Option<String>,
    diff: Vec<u8>,
    /// The mended text, where the file came by standard input.
    text: Option<Vec<u8>>,
}

/// Runs the command.
pub fn run(arguments: &Check, color: Color) -> Answer {
    let adjust = |settings: &mut Settings| put_over(arguments, settings);
    if let Some(lines) = &arguments.explain {
        return explained(arguments, lines, &adjust);
    }
    if arguments.diff && arguments.format == Format::Json {
        let why = "--diff prints a patch; the edits of all fixes are in `noharm check --format json`";
        return Answer::of_failure(failure(None, why));
    }
    let mut jobs = files::gather(&arguments.files, &adjust);
    let wanted = match mending::wanted(arguments, &jobs.jobs) {
        Ok(wanted) => wanted,
        Err(why) => return Answer::of_failure(why),
    };
    let done = match mending::person(arguments) {
        Some(mut person) => jobs.one_by_one(|job, source| mended(arguments, job, source, &wanted, Some(&mut person))),
        None if arguments.fix.is_some() || arguments.diff => {
            jobs.each(&|job: &Job, source: Source| mended(arguments, job, source, &wanted, None))
        }
        None => jobs.each(&checked),
    };
    let mut settings = Settings::default();
    adjust(&mut settings);
    if let Some(job) = jobs.jobs.first() {
        settings = job.settings().clone();
    }
    answer(arguments, color, &settings, jobs, done, &wanted)
}

/// Why lines of one file are or are not findings.
fn explained(arguments: &Check, lines: &RangeInclusive<u32>, adjust: &dyn Fn(&mut Settings)) -> Answer {
    let mut jobs = files::gather(&arguments.files, adjust);
    if jobs.jobs.len() > 1 {
        let count = jobs.jobs.len();
        return Answer::of_failure(failure(None, format!("--explain is about one file, and {count} are named")));
    }
    if jobs.jobs.is_empty() && !jobs.left_out.is_empty() {
        return Answer { failures: jobs.left_out, ..Answer::default() };
    }
    let done = jobs.each(&|job: &Job, source: Source| {
        let table = source.lines();
        // Behind the last line end nothing begins.
        let last = table.count() - u32::from(table.count() > 1 && source.bytes().ends_with(b"\n"));
        if *lines.start() > last {
            let has = if last == 1 { "1 line".to_owned() } else { format!("{last} lines") };
            let message = format!("--explain {}: the file has {has}", lines.start());
            return Err(failure(Some(source.path().to_path_buf()), message));
        }
        let bytes = |line: u32| table.span(source.bytes(), line.min(last));
        let part = Span::new(bytes(*lines.start()).start, bytes(*lines.end()).end);
        let accounts = job.book().explain(&source, job.settings(), &DiskLoader, part);
        Ok(match arguments.format {
            Format::Json => json_text(&account::json(&source, &accounts)),
            Format::Human | Format::Concise => account::text(&source, lines, &accounts).into_bytes(),
        })
    });
    let mut answer = Answer { failures: jobs.failures, ..Answer::default() };
    for one in done {
        match one {
            Ok(text) => answer.out.extend(text),
            Err(why) => answer.failures.push(why),
        }
    }
    answer
}

/// The command line's wishes beat every file's.
fn put_over(arguments: &Check, settings: &mut Settings) {
    if let Some(severity) = arguments.min_severity {
        settings.min_severity = severity;
        settings.overrides.iter_mut().for_each(|rule| rule.min_severity = None);
    }
    if let Some(confidence) = arguments.min_confidence {
        settings.min_confidence = confidence;
        settings.overrides.iter_mut().for_each(|rule| rule.min_confidence = None);
    }
    settings.fail_on = arguments.fail_on.unwrap_or(settings.fail_on);
    if !arguments.packs.is_empty() {
        settings.packs.clone_from(&arguments.packs);
    }
    settings.ignores &= !arguments.no_ignores;
}

fn checked(job: &Job, source: Source) -> Done {
    let report = job.book().check(&source, job.settings(), &DiskLoader);
    Done {
        checked: Checked { source, report },
        fail_on: job.settings().fail_on,
        mended: Vec::new(),
        failure: None,
        remark: None,
        diff: Vec::new(),
        text: None,
    }
}

fn mended(arguments: &Check, job: &Job, source: Source, wanted: &Wanted, person: Option<&mut Person>) -> Done {
    let Outcome { source: after, mended, held_back } = mending::outcome(job, &source, wanted, person);
    let path = source.path().to_path_buf();
    let changed = after.bytes() != source.bytes();
    let mut remark = held_back.map(|why| format!("{}: {why}", path.display()));
    if arguments.diff {
        let diff = fix::unified_diff(&path, source.bytes(), after.bytes());
        return Done { mended, remark, diff, ..checked(job, source) };
    }
    if job.is_stdin() {
        let text = Some(after.bytes().to_vec());
        return Done { mended, remark, text, ..checked(job, after) };
    }
    if !changed {
        return Done { remark, ..checked(job, source) };
    }
    match fix::replace_file(&path, source.bytes(), after.bytes()) {
        Ok(written) => {
            if written.other_hard_links > 0 {
                let links = written.other_hard_links;
                let text = format!("{}: fixed; {links} other hard link(s) keep the old text", path.display());
                remark = Some(remark.map_or(text.clone(), |before| format!("{before}\n{text}")));
            }
            Done { mended, remark, ..checked(job, after) }
        }
        Err(why) => Done { failure: Some(failure(Some(path), why.to_string())), remark, ..checked(job, source) },
    }
}

fn answer(
    arguments: &Check,
    color: Color,
    settings: &Settings,
    jobs: Jobs,
    done: Vec<Done>,
    wanted: &Wanted,
) -> Answer {
    let mut answer = Answer::default();
    let mut remarks = jobs.remarks();
    let mut run = Run { failures: jobs.failures, ..Run::default() };
    let mut text = None;
    let mut diff = Vec::new();
    let mut fixed = Vec::new();
    for one in done {
        answer.found |= one.checked.report.reaches(one.fail_on);
        fixed.extend(one.mended);
        run.failures.extend(one.failure);
        if let Some(remark) = one.remark {
            let _ = writeln!(remarks, "noharm: {remark}");
        }
        diff.extend_from_slice(&one.diff);
        text = text.or(one.text);
        run.files.push(one.checked);
    }
    if run.files.is_empty() && run.failures.is_empty() && remarks.is_empty() {
        remarks.push_str("noharm: no shell scripts found\n");
    }
    answer.err = remarks.into_bytes();
    answer.found |= arguments.exit_non_zero_on_fix && !fixed.is_empty();
    if arguments.fix.is_some() || arguments.diff {
        run.mending = Some(mending::summed_up(fixed, &run.files, wanted));
    }
    if arguments.diff {
        answer.found = !diff.is_empty();
        if arguments.format == Format::Human
            && let Some(mending) = run.mending.as_ref().filter(|mending| !mending.fixed.is_empty())
        {
            let text = format!("noharm: {} would be fixed ({})\n", mending.fixed.len(), mending.codes());
            answer.err.extend_from_slice(text.as_bytes());
        }
        answer.out = diff;
    } else {
        let report = rendered(arguments.format, &run, settings, color);
        match text {
            // Standard output belongs to the text, so that an editor can take it as it is.
            Some(text) => {
                answer.err.extend_from_slice(&report);
                answer.out = text;
            }
            None => answer.out = report,
        }
    }
    answer.found &= !arguments.exit_zero;
    answer.failures = run.failures;
    answer
}

fn rendered(format: Format, run: &Run, settings: &Settings, color: Color) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory cannot fail.
    let written = match format {
        Format::Human => human::render(run, crate::Book::builtin(), settings, terminal::style(color), &mut out),
        Format::Concise => concise::render(run, &mut out),
        Format::Json => {
            out = json_text(&json::render(run, crate::Book::builtin()));
            Ok(())
        }
    };
    debug_assert!(written.is_ok());
    out
}
