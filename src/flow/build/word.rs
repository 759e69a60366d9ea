//! What runs inside words: substitutions, in the order in which the shell expands them.

use super::{Builder, Context, Ends, Open};
use crate::flow::graph::{Scope, Slot};
use crate::syntax::tree::{
    Assignment, AssignmentValue, ParameterOperator, Part, PartKind, Redirect, TestExpression, TestKind, Word,
};

impl<'t> Builder<'t> {
    pub(super) fn word(&mut self, word: &'t Word, entry: Vec<Open>, context: &Context<'t>) -> Vec<Open> {
        self.parts(&word.parts, entry, context)
    }

    pub(super) fn parts(&mut self, parts: &'t [Part], mut open: Vec<Open>, context: &Context<'t>) -> Vec<Open> {
        for part in parts {
            open = match &part.kind {
                PartKind::DoubleQuoted(inner) => self.parts(inner, open, context),
                PartKind::Command(substitution) => {
                    let capture = Some(Slot::Capture(part.span.start));
                    let inside = Context { capture, captures_errors: false, ..context.clone() };
                    let scope = Scope::Substitution(part.span.start);
                    self.scoped(scope, part.span, open, &inside, |builder, open, inside| {
                        builder.list(&substitution.body, open, inside)
                    })
                    .both()
                }
                PartKind::Process { body, .. } => {
                    let inside = Context { capture: None, ..context.clone() };
                    self.scoped(Scope::Background, part.span, open, &inside, |builder, open, inside| {
                        builder.list(body, open, inside)
                    })
                    .both()
                }
                PartKind::Arithmetic(arithmetic) => self.parts(&arithmetic.parts, open, context),
                PartKind::Parameter(parameter) => {
                    if let Some(subscript) = &parameter.subscript {
                        open = self.word(subscript, open, context);
                    }
                    match &parameter.operator {
                        ParameterOperator::Default { word, .. }
                        | ParameterOperator::Assign { word, .. }
                        | ParameterOperator::Require { word, .. }
                        | ParameterOperator::Alternative { word, .. } => {
                            if !runs_something(&word.parts) {
                                continue;
                            }
                            // The word is expanded only where it is used.
                            let mut skipped = open.clone();
                            skipped.extend(self.word(word, open, context));
                            skipped
                        }
                        ParameterOperator::Trim { pattern, .. } => self.word(pattern, open, context),
                        ParameterOperator::Replace { pattern, replacement, .. } => {
                            let open = self.word(pattern, open, context);
                            self.word(replacement, open, context)
                        }
                        ParameterOperator::Slice { offset, length } => {
                            let open = self.parts(&offset.parts, open, context);
                            match length {
                                Some(length) => self.parts(&length.parts, open, context),
                                None => open,
                            }
                        }
                        _ => open,
                    }
                }
                _ => open,
            };
        }
        open
    }

    pub(super) fn assignment(
        &mut self,
        assignment: &'t Assignment,
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Vec<Open> {
        let mut open = entry;
        if let Some(subscript) = &assignment.subscript {
            open = self.word(subscript, open, context);
        }
        match &assignment.value {
            AssignmentValue::Scalar(word) => self.word(word, open, context),
            AssignmentValue::Array(elements) => {
                for (_, element) in elements {
                    open = self.word(element, open, context);
                }
                open
            }
        }
    }

    pub(super) fn redirect_words(
        &mut self,
        redirect: &'t Redirect,
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Vec<Open> {
        let mut open = entry;
        match &redirect.heredoc {
            Some(heredoc) => open = self.parts(&heredoc.parts, open, context),
            None => open = self.word(&redirect.target, open, context),
        }
        open
    }

    pub(super) fn test_words(
        &mut self,
        test: &'t TestExpression,
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Vec<Open> {
        match &test.kind {
            TestKind::Word(word) | TestKind::Unary(_, word) => self.word(word, entry, context),
            TestKind::Binary(left, _, right) => {
                let open = self.word(left, entry, context);
                self.word(right, open, context)
            }
            TestKind::Not(inner) => self.test_words(inner, entry, context),
            TestKind::And(left, right) | TestKind::Or(left, right) => {
                let open = self.test_words(left, entry, context);
                self.test_words(right, open, context)
            }
        }
    }

    /// Ends of a fragment that runs in this shell.
    pub(super) fn unscoped(
        &mut self,
        body: &'t crate::syntax::tree::List,
        entry: Vec<Open>,
        context: &Context<'t>,
    ) -> Ends {
        self.list(body, entry, context)
    }
}

/// The substitution that an assignment's or test's word is, if it is nothing else.
pub fn only_substitution(word: &Word) -> Option<u32> {
    match &word.parts[..] {
        [Part { kind: PartKind::Command(_), span }] => Some(span.start),
        [Part { kind: PartKind::DoubleQuoted(inner), .. }] => match &inner[..] {
            [Part { kind: PartKind::Command(_), span }] => Some(span.start),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a substitution runs in these parts.
pub(in crate::flow) fn runs_something(parts: &[Part]) -> bool {
    parts.iter().any(|part| match &part.kind {
        PartKind::Command(_) | PartKind::Process { .. } => true,
        PartKind::DoubleQuoted(inner) => runs_something(inner),
        PartKind::Arithmetic(arithmetic) => runs_something(&arithmetic.parts),
        PartKind::Parameter(parameter) => match &parameter.operator {
            ParameterOperator::Default { word, .. }
            | ParameterOperator::Assign { word, .. }
            | ParameterOperator::Require { word, .. }
            | ParameterOperator::Alternative { word, .. } => runs_something(&word.parts),
            _ => false,
        },
        _ => false,
    })
}

/// Whether a command runs where a value is expanded.
pub fn value_runs_something(value: &AssignmentValue) -> bool {
    match value {
        AssignmentValue::Scalar(word) => runs_something(&word.parts),
        AssignmentValue::Array(elements) => elements.iter().any(|(_, element)| runs_something(&element.parts)),
    }
}
