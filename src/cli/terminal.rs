//! What the terminal can show.

use super::args::Color;
use crate::report::human::Style;
use std::io::IsTerminal;

/// How to draw on standard output.
pub fn style(color: Color) -> Style {
    let terminal = std::io::stdout().is_terminal();
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !set("NO_COLOR") && !dumb,
    };
    Style { color, unicode: is_unicode(), width: width(terminal) }
}

/// Whether the locale speaks UTF-8, by the variables in their order of weight.
fn is_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

fn width(terminal: bool) -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = if terminal { terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)) } else { None };
    // Wider text is hard to read whatever the screen.
    asked.or(seen).map_or(Style::default().width, |width: usize| width.clamp(40, 140))
}
