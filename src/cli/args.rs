//! What can be said on the command line.

use crate::finding::{Confidence, Severity};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// Reads scripts that run when something is already broken, and says where running them could make things worse.
#[derive(Debug, Parser)]
#[command(
    name = "noharm",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 clean, 1 findings that fail the run, 2 something could not be done."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours; `auto` also asks `NO_COLOR`.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check scripts for hazards, and fix what can be fixed.
    Check(Check),
    /// Show what scripts would do to this host: every effect, its target and what is known there.
    Effects(Effects),
    /// Explain one rule.
    Explain(Explain),
    /// List all rules.
    Rules(Rules),
    /// Show how a script was read, for reports of faults.
    Syntax(Syntax),
    /// Print the JSON Schema of `check --format json`.
    Schema,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// `noharm check`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("mending").multiple(true), after_help = "\
Examples:
  noharm check                          every script below the current directory
  noharm check deploy/ notify.sh        some of them; what is named is always read
  noharm check --diff                   what --fix would change
  noharm check --fix --unsafe-fixes     change it
  noharm check --fix=ask notify.sh      show each change, and ask
  noharm check --format json > out.json
  noharm check --min-confidence low     show also what may be excused elsewhere
  noharm check --explain 12 notify.sh   why line 12 is, or is not, a finding
  noharm check - --stdin-filename x.sh < x.sh

Exit codes: 0 clean, 1 findings at or above --fail-on (with --diff: something would change),
2 something could not be done.

Ignore a finding by a comment with a reason, behind the command or on the line above:
  cp \"$new\" /etc/app.conf  # noharm: ignore[NH101] kept in git")]
pub struct Check {
    /// Which files.
    #[command(flatten)]
    pub files: Files,
    /// Apply safe fixes; with --diff, print them only; with `=ask`, show each one and ask.
    #[arg(long, group = "mending", value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true,
        default_missing_value = "all")]
    pub fix: Option<FixHow>,
    /// With --fix or --diff: fix the findings of this rule only (a code or a name; may be repeated).
    #[arg(long, requires = "mending", value_delimiter = ',', value_name = "RULE")]
    pub fix_only: Vec<String>,
    /// With --fix or --diff: apply also fixes that change behaviour as intended.
    #[arg(long, requires = "mending")]
    pub unsafe_fixes: bool,
    /// Print what --fix would change, write nothing; exit 1 if anything would.
    #[arg(long, group = "mending")]
    pub diff: bool,
    /// How to show findings.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// The least severity to show [default: note].
    #[arg(long, value_parser = severity, value_name = "LEVEL")]
    pub min_severity: Option<Severity>,
    /// The least confidence to show [default: medium].
    #[arg(long, value_parser = confidence, value_name = "LEVEL")]
    pub min_confidence: Option<Confidence>,
    /// The least severity, included, that makes the exit code 1 [default: warning].
    #[arg(long, value_parser = severity, value_name = "LEVEL")]
    pub fail_on: Option<Severity>,
    /// Ask only the rules of this pack (may be repeated); `noharm rules --packs` lists them.
    #[arg(long = "pack", value_name = "NAME")]
    pub packs: Vec<String>,
    /// Exit 0 whatever is found; 2 still says that something could not be done.
    #[arg(long)]
    pub exit_zero: bool,
    /// With --fix: exit 1 also where something was fixed and nothing is left.
    #[arg(long, requires = "fix", conflicts_with = "exit_zero")]
    pub exit_non_zero_on_fix: bool,
    /// Tell why the effects that begin on a line (`12`, or `12-20`) of the one file are or are not findings: the facts
    /// that each rule asked for, the commands that made them, and where they were lost.
    #[arg(long, value_parser = lines, value_name = "LINE", conflicts_with = "mending")]
    pub explain: Option<RangeInclusive<u32>>,
    /// Show also what comments ignore.
    #[arg(long)]
    pub no_ignores: bool,
}

/// Which files, and under which configuration.
#[derive(Debug, Args)]
pub struct Files {
    /// Files and directories; `-` is standard input. Directories are searched for shell scripts.
    #[arg(default_value = ".", value_name = "PATHS")]
    pub paths: Vec<PathBuf>,
    /// The name that standard input has in messages and for configuration.
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<PathBuf>,
    /// Leave these out of searched directories (a glob; may be repeated).
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Leave them out even where they are named, as hooks do.
    #[arg(long)]
    pub force_exclude: bool,
    /// Search also what .gitignore, .ignore and .noharmignore name.
    #[arg(long = "no-ignore-files")]
    pub search_ignored: bool,
    /// Use this configuration instead of the nearest noharm.toml.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long)]
    pub no_config: bool,
}

/// `noharm effects`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  noharm effects restore.sh
  noharm effects --format markdown deploy/ > plan.md

Columns:
  effect       what happens; a word in front (`start:`) is what the script was told to do
  second run   what the command does if a second run comes to it; empty where it changes nothing
  known here   the facts that hold in front of it on every path; `(service)`: of the service whose
               configuration it is; docs/rules.md lists them
  only if      the last questions that every path to it has passed, `not` those that failed")]
pub struct Effects {
    /// Which files.
    #[command(flatten)]
    pub files: Files,
    /// How to show the plan.
    #[arg(long, value_enum, default_value_t = PlanFormat::Table)]
    pub format: PlanFormat,
}

/// `noharm explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  noharm explain NH002")]
pub struct Explain {
    /// A code such as NH301, or a name.
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `noharm rules`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  noharm rules            those that are built in, and those that the noharm.toml of this directory adds
  noharm rules --test     try the examples of the rules that it adds")]
pub struct Rules {
    /// As JSON.
    #[arg(long, conflicts_with = "test")]
    pub json: bool,
    /// List the packs: what a script of one kind has to keep to, and the rules that ask for it.
    #[arg(long, conflicts_with_all = ["test", "json"])]
    pub packs: bool,
    /// Show one pack: clause by clause, with the rules that ask.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["test", "json", "packs"])]
    pub pack: Option<String>,
    /// Run the examples on the pages of your own rules, instead of listing; exit 1 if one is not what it is said to be.
    #[arg(long)]
    pub test: bool,
}

/// `noharm syntax`.
#[derive(Debug, Args)]
pub struct Syntax {
    /// The script; `-` is standard input.
    pub file: PathBuf,
    /// One line a token instead of the tree.
    #[arg(long)]
    pub tokens: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which fixes to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FixHow {
    /// All that are allowed.
    All,
    /// Those to which somebody says yes.
    Ask,
}

/// How to show findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the lines of the script.
    Human,
    /// One line a finding.
    Concise,
    /// One JSON object; see `noharm schema`.
    Json,
}

/// How to show a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// Aligned columns.
    Table,
    /// One JSON object.
    Json,
    /// A Markdown table.
    Markdown,
}

fn severity(word: &str) -> Result<Severity, String> {
    let all = [Severity::Note, Severity::Warning, Severity::Error];
    all.into_iter().find(|one| one.as_str() == word).ok_or_else(|| "it is note, warning or error".to_owned())
}

fn confidence(word: &str) -> Result<Confidence, String> {
    let all = [Confidence::Low, Confidence::Medium, Confidence::High];
    all.into_iter().find(|one| one.as_str() == word).ok_or_else(|| "it is low, medium or high".to_owned())
}

fn lines(text: &str) -> Result<RangeInclusive<u32>, String> {
    let number = |text: &str| text.parse().ok().filter(|&line: &u32| line > 0);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err("it is the number of a line, from 1, or two with `-` between".to_owned()),
    }
}
