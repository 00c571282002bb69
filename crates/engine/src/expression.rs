//! Expressions: Terraform's own, inside strings, parsed by hcl-edit.

use std::ops::Range;

use hcl_edit::expr::{Expression as Syntax, ObjectKey, TraversalOperator};
use hcl_edit::template::{Directive, Element, Interpolation, Template};

use crate::source::{Diagnostic, Place};
use crate::value::is_identifier;

pub mod evaluate;
mod names;
pub(crate) mod nesting;
pub(crate) mod operator;
#[cfg(test)]
mod tests;

/// That an expression cannot be read for that reason.
pub(crate) const TOO_DEEP: &str = "this expression is nested too deeply";

/// What looks like a function, and is a part of the language: it decides what is evaluated, or what is a secret.
pub(crate) const OWN_FUNCTIONS: [&str; 4] = ["try", "can", "sensitive", "nonsensitive"];

/// A string with something to evaluate in it.
#[derive(Debug)]
pub struct Expression {
    form: Form,
    /// The whole string in the file.
    pub place: Place,
    /// What it names.
    pub references: Vec<Reference>,
    /// The functions that it calls, each with the place of the call.
    pub calls: Vec<(String, Place)>,
    offsets: Offsets,
}

/// How an expression is kept.
#[derive(Debug)]
pub(crate) enum Form {
    /// `${kind.name.attribute}`: its only reference, and nothing else. Most expressions are that, and the syntax tree of
    /// one takes twenty times the memory, and the time to parse it.
    Reference,
    /// Anything else, parsed.
    Template(Template),
}

/// A name in an expression: `aws_s3_bucket.master.arn` is of the names `aws_s3_bucket`, `master`, `arn`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The identifiers, as far as they are attribute accesses; indexes in between are left out.
    pub names: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

impl Expression {
    /// Parses a string; `None` if there is nothing to evaluate in it.
    pub fn parse(text: &str, place: &Place) -> Result<Option<Self>, Diagnostic> {
        if !text.contains("${") && !text.contains("%{") {
            return Ok(None);
        }
        let offsets = Offsets::of(text, place);
        if let Some(names) = plain_reference(text) {
            let place_of_names = offsets.place(place, BEFORE..text.len() - AFTER);
            let references = vec![Reference { names, place: place_of_names }];
            let (form, place, calls) = (Form::Reference, place.clone(), Vec::new());
            return Ok(Some(Self { form, place, references, calls, offsets }));
        }
        if let Some(at) = nesting::too_deep_in_template(text) {
            let place = offsets.place(place, at..at + 1);
            return Err(Diagnostic::at(&place, TOO_DEEP).with_hint("give its parts names: [locals]"));
        }
        let template: Template = text.parse().map_err(|error: hcl_edit::parser::Error| {
            unreadable(&error, &offsets, place)
                .with_hint("an expression ends with `}`; a literal `${` is written `$${`")
        })?;
        Ok(Some(Self::of(template, offsets, place)))
    }

    /// Parses what would stand within `${…}`, without that.
    pub fn bare(text: &str, place: &Place) -> Result<Self, Diagnostic> {
        let offsets = Offsets { jumps: vec![(0, place.start)] };
        if let Some(at) = nesting::too_deep_in_expression(text) {
            return Err(Diagnostic::at(&offsets.place(place, at..at + 1), TOO_DEEP));
        }
        let syntax: Syntax = text.parse().map_err(|error| unreadable(&error, &offsets, place))?;
        let mut template = Template::new();
        template.push(Interpolation::new(syntax));
        Ok(Self::of(template, offsets, place))
    }

    fn of(template: Template, offsets: Offsets, place: &Place) -> Self {
        let mut collector = Collector { bound: Vec::new(), found: Vec::new(), calls: Vec::new() };
        collector.template(&template);
        let Collector { found, calls, .. } = collector;
        let references = found
            .into_iter()
            .map(|(names, span)| Reference { names, place: offsets.place(place, span) })
            .collect();
        let calls = calls.into_iter().map(|(name, span)| (name, offsets.place(place, span))).collect();
        Self { form: Form::Template(template), place: place.clone(), references, calls, offsets }
    }

    /// How it is kept.
    pub(crate) fn form(&self) -> &Form {
        &self.form
    }

    /// The place of a part of the expression.
    pub fn place_of(&self, span: Option<Range<usize>>) -> Place {
        span.map_or_else(|| self.place.clone(), |span| self.offsets.place(&self.place, span))
    }
}

/// The length of `${`.
const BEFORE: usize = 2;
/// The length of `}`.
const AFTER: usize = 1;

/// The names in a text that is one plain reference and nothing else.
fn plain_reference(text: &str) -> Option<Vec<String>> {
    let inside = text.strip_prefix("${")?.strip_suffix('}')?;
    let names: Vec<&str> = inside.split('.').collect();
    let is_root = |name: &str| !matches!(name, "true" | "false" | "null");
    let is_reference = names.len() > 1 && is_root(names[0]) && names.iter().all(|name| is_identifier(name));
    is_reference.then(|| names.into_iter().map(str::to_owned).collect())
}

fn unreadable(error: &hcl_edit::parser::Error, offsets: &Offsets, place: &Place) -> Diagnostic {
    let location = error.location();
    let at = offsets.place(place, location.offset()..location.offset() + 1);
    Diagnostic::at(&at, format!("this expression cannot be read: {}", error.message()))
}

/// Which byte of the file each byte of a string came from: escapes make them differ.
#[derive(Debug)]
struct Offsets {
    /// For each escape (and for the beginning), the byte of the string and of the file where plain text goes on.
    jumps: Vec<(usize, usize)>,
}

impl Offsets {
    fn of(text: &str, place: &Place) -> Self {
        let raw = place.text();
        let (quote, escapes) = match raw {
            _ if raw.starts_with("\"\"\"") => (3, true),
            _ if raw.starts_with("'''") => (3, false),
            _ if raw.starts_with('"') => (1, true),
            _ => (1, false),
        };
        let mut at = place.start + quote;
        if quote == 3 {
            at += [raw.get(3..5) == Some("\r\n"), raw.get(3..4) == Some("\n")]
                .iter()
                .zip([2, 1])
                .find_map(|(found, length)| found.then_some(length))
                .unwrap_or(0);
        }
        let mut jumps = vec![(0, at)];
        if escapes && raw.contains('\\') {
            let source = &place.file.text;
            let mut string_at = 0;
            while let Some(next) = text.get(string_at..).and_then(|rest| rest.chars().next()) {
                let skipped = escape_length(source.get(at..).unwrap_or_default());
                at += skipped.unwrap_or(next.len_utf8());
                string_at += next.len_utf8();
                if skipped.is_some() {
                    jumps.push((string_at, at));
                }
            }
        }
        Self { jumps }
    }

    fn in_file(&self, offset: usize) -> usize {
        let after = self.jumps.partition_point(|(string, _)| *string <= offset);
        let (string, file) = self.jumps[after.saturating_sub(1)];
        file + (offset - string)
    }

    fn place(&self, place: &Place, span: Range<usize>) -> Place {
        let end = place.end.max(place.start + 1);
        let start = self.in_file(span.start).min(end - 1);
        Place { file: place.file.clone(), start, end: self.in_file(span.end).clamp(start, end) }
    }
}

/// The length of the escape that the source begins with, if it does.
fn escape_length(source: &str) -> Option<usize> {
    let rest = source.strip_prefix('\\')?;
    Some(match rest.chars().next()? {
        'u' => 6,
        'U' => 10,
        'x' => 4,
        // A line that ends in a backslash goes on at the next visible character.
        '\n' | '\r' | ' ' | '\t' => 1 + rest.len() - rest.trim_start().len(),
        _ => 2,
    })
}

/// Collects the names that an expression depends on, but not those that a `for` in it binds.
struct Collector {
    bound: Vec<String>,
    found: Vec<(Vec<String>, Range<usize>)>,
    calls: Vec<(String, Range<usize>)>,
}

impl Collector {
    fn template(&mut self, template: &Template) {
        for element in template.iter() {
            match element {
                Element::Literal(_) => {}
                Element::Interpolation(interpolation) => self.expression(&interpolation.expr),
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(directive) => {
                        self.expression(&directive.if_expr.cond_expr);
                        self.template(&directive.if_expr.template);
                        if let Some(otherwise) = &directive.else_expr {
                            self.template(&otherwise.template);
                        }
                    }
                    Directive::For(directive) => {
                        let intro = &directive.for_expr;
                        self.expression(&intro.collection_expr);
                        let names = [intro.key_var.as_ref(), Some(&intro.value_var)];
                        self.binding(names, |collector| collector.template(&intro.template));
                    }
                },
            }
        }
    }

    fn binding<'n>(
        &mut self,
        names: impl IntoIterator<Item = Option<&'n hcl_edit::Decorated<hcl_edit::Ident>>>,
        visit: impl FnOnce(&mut Self),
    ) {
        let depth = self.bound.len();
        self.bound.extend(names.into_iter().flatten().map(|name| name.as_str().to_owned()));
        visit(self);
        self.bound.truncate(depth);
    }

    fn expression(&mut self, expression: &Syntax) {
        use hcl_edit::Span;
        match expression {
            Syntax::Null(_) | Syntax::Bool(_) | Syntax::Number(_) | Syntax::String(_) => {}
            Syntax::Array(array) => array.iter().for_each(|item| self.expression(item)),
            Syntax::Object(object) => {
                for (key, value) in object {
                    if let ObjectKey::Expression(key) = key {
                        self.expression(key);
                    }
                    self.expression(value.expr());
                }
            }
            Syntax::StringTemplate(template) => {
                for element in template.iter() {
                    if let Element::Interpolation(interpolation) = element {
                        self.expression(&interpolation.expr);
                    } else if let Element::Directive(_) = element {
                        let mut single = Template::new();
                        single.push(element.clone());
                        self.template(&single);
                    }
                }
            }
            Syntax::HeredocTemplate(heredoc) => self.template(&heredoc.template),
            Syntax::Parenthesis(inner) => self.expression(inner.inner()),
            Syntax::Variable(name) => self.reference(vec![name.as_str().to_owned()], name.span()),
            Syntax::Conditional(conditional) => {
                self.expression(&conditional.cond_expr);
                self.expression(&conditional.true_expr);
                self.expression(&conditional.false_expr);
            }
            Syntax::FuncCall(call) => {
                let name = call.name.name.as_str().to_owned();
                self.calls.push((name, expression.span().unwrap_or(0..0)));
                call.args.iter().for_each(|argument| self.expression(argument));
            }
            Syntax::UnaryOp(operation) => self.expression(&operation.expr),
            Syntax::BinaryOp(operation) => {
                self.expression(&operation.lhs_expr);
                self.expression(&operation.rhs_expr);
            }
            Syntax::ForExpr(comprehension) => {
                self.expression(&comprehension.intro.collection_expr);
                let names = [comprehension.intro.key_var.as_ref(), Some(&comprehension.intro.value_var)];
                self.binding(names, |collector| {
                    comprehension.key_expr.iter().for_each(|key| collector.expression(key));
                    collector.expression(&comprehension.value_expr);
                    comprehension.cond.iter().for_each(|condition| collector.expression(&condition.expr));
                });
            }
            Syntax::Traversal(traversal) => {
                for operator in &traversal.operators {
                    if let TraversalOperator::Index(index) = operator.value() {
                        self.expression(index);
                    }
                }
                let Syntax::Variable(root) = &traversal.expr else {
                    self.expression(&traversal.expr);
                    return;
                };
                let mut names = vec![root.as_str().to_owned()];
                for operator in &traversal.operators {
                    match operator.value() {
                        TraversalOperator::GetAttr(name) => names.push(name.as_str().to_owned()),
                        TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_) => {}
                        TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => break,
                    }
                }
                self.reference(names, traversal.span());
            }
        }
    }

    fn reference(&mut self, names: Vec<String>, span: Option<Range<usize>>) {
        if names.first().is_some_and(|root| !self.bound.contains(root)) {
            self.found.push((names, span.unwrap_or(0..0)));
        }
    }
}
