//! The strict reader: scripts that are shell through and through.
//!
//! Three readings check each other. The [`lexer`] says where tokens stand and accounts for every byte. The parser
//! (shuck) reads the [`skeleton`] of the tokens and says how commands nest. The [`walk`] builds the tree by
//! following the parser's nodes while it takes the tokens one by one: a statement in which the two disagree becomes
//! `Unread`. The [`words`] are then read from the bytes of each word token. Substitutions are texts of their own
//! and go the same way.

mod lexer;
mod skeleton;
mod walk;
mod words;

use self::lexer::{Lexed, Lexer, Refusal, TokenKind};
use self::walk::Walk;
use super::account;
use super::tree::{ArithmeticExpression, Command, CommandKind, List, Reader, Script, Statement, Unread, UnreadReason};
use crate::span::Span;
use shuck_ast::StmtSeq;
use shuck_parser::parser::{Parser, ShellDialect, ShellProfile};

/// Reads an arithmetic text in which nothing is expanded.
pub fn arithmetic(text: &str) -> Option<ArithmeticExpression> {
    words::expression::read(text, 0, &[])
}

/// How deep compound commands may nest in one list for the parser, which counts some of them twice.
const COMPOUND_DEPTH: usize = 64;

/// How deep commands and substitutions may nest in all. Real scripts need half of it, and unoptimised code on a
/// thread of 2 MiB still has the stack for it.
const COMMAND_DEPTH: usize = 56;

/// Reads `original`, whose masked copy is `masked`; none where it is not shell through and through.
///
/// Every dialect is read by bash's grammar, which holds those of the others save for words that nobody uses.
pub(super) fn read(original: &[u8], masked: &str) -> Option<Script> {
    read_nested(original, masked.as_bytes(), 0).ok()
}

/// Like [`read`], but where it refuses it says where and why.
pub(super) fn try_read(original: &[u8], masked: &str) -> Result<Script, (usize, UnreadReason)> {
    read_nested(original, masked.as_bytes(), 0).map_err(|refusal| (refusal.at, refusal.reason))
}

/// Reads a text that stands `depth` levels inside another one.
fn read_nested(original: &[u8], masked: &[u8], depth: usize) -> Result<Script, Refusal> {
    let mut reading = Reading {
        original,
        masked,
        lexer: Lexer::new(original, masked, depth),
        comments: Vec::new(),
        unread: Vec::new(),
        depth,
    };
    let lexed = reading.lexer.whole()?;
    let mut body = reading.list(&lexed)?;
    let mut comments = reading.lexer.take_comments();
    comments.append(&mut reading.comments);
    comments.sort_unstable();
    comments.dedup();
    for lost in account::unclaimed(masked, Span::new(0, masked.len() as u32), &claims(&lexed, &comments)) {
        let statement = reading.unread(lost, UnreadReason::Unaccounted);
        body.statements.push(statement);
    }
    let mut unread = reading.unread;
    unread.sort_unstable_by_key(|region| region.span);
    Ok(Script { body, comments, reader: Reader::Strict, unread })
}

/// The stretches of a text that its tokens, comments and heredoc bodies cover, in order.
fn claims(lexed: &Lexed, comments: &[Span]) -> Vec<Span> {
    let mut claims: Vec<Span> = comments.to_vec();
    for token in &lexed.tokens {
        claims.push(token.span);
        if let TokenKind::Redirect(redirect) = &token.kind
            && let Some(heredoc) = redirect.heredoc
        {
            claims.push(Span::new(heredoc.body.start, heredoc.end));
        }
    }
    claims.sort_unstable();
    claims
}

/// The nodes of a piece of skeleton, or where in it the parser refuses.
fn parse(text: &str) -> Result<StmtSeq, u32> {
    let profile = ShellProfile::native(ShellDialect::Bash);
    let fuel = text.len() * 64 + 4096;
    let parsed = Parser::with_limits_and_profile(text, COMPOUND_DEPTH, fuel, profile).parse();
    if parsed.is_err() {
        return Err(parsed.diagnostics.first().map_or(0, |diagnostic| diagnostic.span.start.offset() as u32));
    }
    Ok(parsed.file.body)
}

/// Makes room for one item in a list without any. A list that grows by itself begins with four, and a tree has
/// a short list for nearly every word: most have no second part, most commands no second redirect.
fn room_for_one<T>(list: &mut Vec<T>) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
}

/// One text while it is read.
struct Reading<'a> {
    original: &'a [u8],
    masked: &'a [u8],
    lexer: Lexer<'a>,
    /// Those inside backquotes, which the lexer of this text does not see.
    comments: Vec<Span>,
    unread: Vec<Unread>,
    depth: usize,
}

impl Reading<'_> {
    /// Reads the commands of `lexed`; refuses where the parser does.
    fn list(&mut self, lexed: &Lexed) -> Result<List, Refusal> {
        let skeleton = skeleton::draw(&lexed.tokens, self.masked)?;
        let before = (self.unread.len(), self.comments.len());
        let mut walk = Walk::of(self, &lexed.tokens, &skeleton.starts);
        // The parser's nodes are many times as large as the text. Piece by piece, they never are all there at once.
        let mut from = 0;
        for &cut in &skeleton.cuts {
            // What does not stand by itself was cut in a wrong place: then the rest is one piece.
            let Ok(body) = parse(skeleton.between(from, cut)) else { break };
            walk.piece(cut, skeleton.start(from), &body);
            from = cut;
        }
        match parse(skeleton.between(from, lexed.tokens.len())) {
            Ok(body) => {
                walk.piece(lexed.tokens.len(), skeleton.start(from), &body);
                Ok(walk.list())
            }
            Err(at) => {
                // Nothing of a list that is refused was read.
                self.unread.truncate(before.0);
                self.comments.truncate(before.1);
                let at = skeleton.start(from) + at;
                let token = skeleton.starts.partition_point(|&start| start <= at).saturating_sub(1);
                let at = lexed.tokens.get(token).map_or(lexed.end, |token| token.span.start);
                Err(Refusal { at: at as usize, reason: UnreadReason::Malformed })
            }
        }
    }

    /// Notes a region that was not understood, and stands a statement in its place.
    fn unread(&mut self, span: Span, reason: UnreadReason) -> Statement {
        self.unread.push(Unread { span, reason });
        let command = Command { span, kind: CommandKind::Unread(reason), redirects: Vec::new() };
        Statement { span, command, ampersand: None }
    }

    /// A list that is one such region.
    fn unread_list(&mut self, span: Span, reason: UnreadReason) -> List {
        let statements = if span.is_empty() { Vec::new() } else { vec![self.unread(span, reason)] };
        List { span, statements }
    }
}
