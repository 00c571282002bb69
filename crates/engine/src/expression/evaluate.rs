//! Evaluation, in which what is not known yet stays unknown.

use std::cell::Cell;

use hcl_edit::Span;
use hcl_edit::expr::{
    Conditional, Expression as Syntax, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator,
};
use hcl_edit::template::{Directive, Element, Strip, Template};

pub use super::names::{Access, Failure, Names, follow};
use super::names::{Outcome, key_text, reference};
use super::{Expression, Form, TOO_DEEP, nesting, operator};
use crate::source::Diagnostic;
use crate::value::{Map, Value};

/// The value of an expression. A string that is one whole `${…}` has the type of what is in it.
pub fn evaluate(expression: &Expression, names: &dyn Names) -> Result<Value, Diagnostic> {
    let outcome = match expression.form() {
        Form::Reference => {
            expression.references.first().map_or(Ok(Value::Unknown), |it| reference(&it.names, names))
        }
        Form::Template(template) => Evaluator { names, bound: Vec::new() }.whole(template),
    };
    outcome.map_err(|failure| Diagnostic {
        hint: failure.hint,
        ..Diagnostic::at(&expression.place_of(failure.span), failure.message)
    })
}

/// The text of a template (`templatefile`) in which these variables can be named.
pub fn render(source: &str, variables: &Map, names: &dyn Names) -> Result<Value, String> {
    if let Some(at) = nesting::too_deep_in_template(source) {
        return Err(format!("line {}: {TOO_DEEP}", source[..at].matches('\n').count() + 1));
    }
    let template: Template = source.parse().map_err(|error: hcl_edit::parser::Error| {
        format!("line {}: {}", error.location().line(), error.message())
    })?;
    // A template can have others in it, but for one that has itself in it.
    let _deeper = Rendering::begin()?;
    let bound = variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Evaluator { names, bound }.whole(&template).map_err(|failure| failure.message)
}

/// A template that is being rendered on this thread.
struct Rendering;

thread_local! {
    /// How many there are, each in the next.
    static RENDERING: Cell<usize> = const { Cell::new(0) };
}

impl Rendering {
    const DEEPEST: usize = 4;

    fn begin() -> Result<Self, String> {
        if RENDERING.get() >= Self::DEEPEST {
            return Err("a template uses itself, by itself or by others".to_owned());
        }
        RENDERING.set(RENDERING.get() + 1);
        Ok(Self)
    }
}

impl Drop for Rendering {
    fn drop(&mut self) {
        RENDERING.set(RENDERING.get() - 1);
    }
}

struct Evaluator<'a> {
    names: &'a dyn Names,
    bound: Vec<(String, Value)>,
}

impl Evaluator<'_> {
    fn whole(&mut self, template: &Template) -> Outcome {
        self.template(template.iter(), (false, false))
    }

    /// `stripped`: whether what stands around the template takes away the white space at its beginning and end.
    fn template<'e>(
        &mut self,
        elements: impl Iterator<Item = &'e Element>,
        stripped: (bool, bool),
    ) -> Outcome {
        let elements: Vec<&Element> = elements.collect();
        if let [Element::Interpolation(single)] = elements.as_slice() {
            return self.expression(&single.expr);
        }
        let mut text = String::new();
        let mut unknown = false;
        let mut withheld = None;
        for (position, element) in elements.iter().enumerate() {
            let value = match element {
                Element::Literal(literal) => {
                    let before = position.checked_sub(1).and_then(|before| elements.get(before));
                    let after = elements.get(position + 1);
                    let mut literal: &str = literal.as_str();
                    if before.map_or(stripped.0, |element| strips(element).1) {
                        literal = literal.trim_start();
                    }
                    if after.map_or(stripped.1, |element| strips(element).0) {
                        literal = literal.trim_end();
                    }
                    text.push_str(literal);
                    continue;
                }
                Element::Interpolation(interpolation) => self.expression(&interpolation.expr)?,
                Element::Directive(directive) => self.directive(directive)?,
            };
            match value {
                Value::String(part) => text.push_str(&part),
                Value::Number(number) => text.push_str(&number.to_string()),
                Value::Bool(boolean) => text.push_str(&boolean.to_string()),
                Value::Unknown => unknown = true,
                Value::Withheld(secret) => withheld = Some(secret),
                other => {
                    return Err(Failure::new(format!("{} cannot be put into text", other.type_name()))
                        .with_hint("use jsonencode, join, or an attribute of it")
                        .within(element.span()));
                }
            }
        }
        Ok(match withheld {
            _ if unknown => Value::Unknown,
            Some(secret) => operator::derived(&secret),
            None => Value::String(text),
        })
    }

    fn directive(&mut self, directive: &Directive) -> Outcome {
        match directive {
            Directive::If(directive) => match self.expression(&directive.if_expr.cond_expr)? {
                Value::Unknown => Ok(Value::Unknown),
                condition => {
                    let end = directive.endif_expr.strip;
                    if operator::boolean(&condition)? {
                        let next = directive.else_expr.as_ref().map_or(end, |otherwise| otherwise.strip);
                        let stripped = (strips_after(directive.if_expr.strip), strips_before(next));
                        self.template(directive.if_expr.template.iter(), stripped)
                    } else if let Some(otherwise) = &directive.else_expr {
                        let stripped = (strips_after(otherwise.strip), strips_before(end));
                        self.template(otherwise.template.iter(), stripped)
                    } else {
                        Ok(Value::from(""))
                    }
                }
            },
            Directive::For(directive) => {
                let intro = &directive.for_expr;
                let collection = self.expression(&intro.collection_expr)?;
                let Some(elements) = self.elements(&collection)? else { return Ok(Value::Unknown) };
                let stripped = (strips_after(intro.strip), strips_before(directive.endfor_expr.strip));
                let mut text = String::new();
                for (key, value) in elements {
                    let part = self.binding(
                        intro.key_var.as_ref().map(|name| name.as_str()),
                        intro.value_var.as_str(),
                        key,
                        value,
                        |evaluator| evaluator.template(intro.template.iter(), stripped),
                    )?;
                    match part {
                        Value::String(part) => text.push_str(&part),
                        Value::Number(number) => text.push_str(&number.to_string()),
                        Value::Bool(boolean) => text.push_str(&boolean.to_string()),
                        Value::Unknown | Value::Withheld(_) => return Ok(part),
                        other => {
                            return Err(Failure::new(format!(
                                "{} cannot be put into text",
                                other.type_name()
                            )));
                        }
                    }
                }
                Ok(Value::String(text))
            }
        }
    }

    fn expression(&mut self, expression: &Syntax) -> Outcome {
        let outcome = match expression {
            Syntax::Null(_) => Ok(Value::Null),
            Syntax::Bool(boolean) => Ok(Value::Bool(*boolean.value())),
            Syntax::Number(number) => Ok(match number.value() {
                number if number.is_i64() => number.as_i64().map_or(Value::Null, Value::from),
                number => number.as_f64().map_or(Value::Null, Value::from),
            }),
            Syntax::String(text) => Ok(Value::from(text.as_str())),
            Syntax::Array(array) => {
                array.iter().map(|item| self.expression(item)).collect::<Result<_, _>>().map(Value::List)
            }
            Syntax::Object(object) => self.object(object),
            Syntax::StringTemplate(template) => self.template(template.iter(), (false, false)),
            Syntax::HeredocTemplate(heredoc) => self.template(heredoc.template.iter(), (false, false)),
            Syntax::Parenthesis(inner) => self.expression(inner.inner()),
            Syntax::Variable(name) => self.variable(name.as_str(), &[]).map(|(value, _)| value),
            Syntax::Conditional(conditional) => self.conditional(conditional),
            Syntax::FuncCall(call) => self.function(call),
            Syntax::Traversal(traversal) => self.traversal(traversal),
            Syntax::UnaryOp(operation) => {
                let value = self.expression(&operation.expr)?;
                operator::unary(*operation.operator.value(), &value).map_err(Failure::from)
            }
            Syntax::BinaryOp(operation) => {
                let left = self.expression(&operation.lhs_expr)?;
                let right = self.expression(&operation.rhs_expr)?;
                self.names.operate(*operation.operator.value(), &left, &right).map_err(Failure::from)
            }
            Syntax::ForExpr(comprehension) => self.comprehension(comprehension),
        };
        outcome.map_err(|failure| failure.within(expression.span()))
    }

    fn object(&mut self, object: &hcl_edit::expr::Object) -> Outcome {
        let mut map = Map::new();
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(Syntax::Variable(name)) => name.as_str().to_owned(),
                ObjectKey::Expression(key) => match self.expression(key)? {
                    Value::Unknown => return Ok(Value::Unknown),
                    key => key_text(&key)?,
                },
            };
            map.insert(key, self.expression(value.expr())?);
        }
        Ok(Value::Map(map))
    }

    fn conditional(&mut self, conditional: &Conditional) -> Outcome {
        match self.expression(&conditional.cond_expr)? {
            Value::Unknown => {
                // Both are evaluated, so that all that the outcome may depend on has been seen. One that fails may be the
                // one that is not taken.
                let yes = self.expression(&conditional.true_expr);
                let no = self.expression(&conditional.false_expr);
                match (yes, no) {
                    (Ok(yes), Ok(no)) if yes == no => Ok(yes),
                    (Err(failure), Err(_)) => Err(failure),
                    _ => Ok(Value::Unknown),
                }
            }
            Value::Withheld(secret) => Ok(operator::derived(&secret)),
            condition => {
                if operator::boolean(&condition)
                    .map_err(|message| Failure::from(message).within(conditional.cond_expr.span()))?
                {
                    self.expression(&conditional.true_expr)
                } else {
                    self.expression(&conditional.false_expr)
                }
            }
        }
    }

    fn function(&mut self, call: &FuncCall) -> Outcome {
        let name = call.name.name.as_str();
        match name {
            "try" => return self.attempt(call),
            "can" => {
                let mut known = true;
                for argument in call.args.iter() {
                    match self.expression(argument) {
                        Ok(value) => known &= value.is_wholly_known(),
                        Err(_) => return Ok(Value::Bool(false)),
                    }
                }
                return Ok(if known { Value::Bool(true) } else { Value::Unknown });
            }
            _ => {}
        }
        let was_sensitive = self.names.is_sensitive();
        let mut arguments =
            call.args.iter().map(|argument| self.expression(argument)).collect::<Result<Vec<_>, _>>()?;
        if call.args.expand_final() {
            match arguments.pop() {
                Some(Value::List(items)) => arguments.extend(items),
                Some(Value::Unknown) => return Ok(Value::Unknown),
                _ => return Err(Failure::new("`...` follows a list")),
            }
        }
        match (name, arguments.as_slice()) {
            ("sensitive", [value]) => {
                self.names.mark_sensitive(true);
                Ok(value.clone())
            }
            ("nonsensitive", [value]) => {
                self.names.mark_sensitive(was_sensitive);
                Ok(value.clone())
            }
            _ => self.names.call(name, &arguments).map_err(Failure::from),
        }
    }

    /// The first argument that has a value. While that is unknown it may still fail, so the others are
    /// evaluated too: what they depend on has to be there when that happens.
    fn attempt(&mut self, call: &FuncCall) -> Outcome {
        let mut last = Failure::new("try has no arguments");
        let mut first = None;
        for argument in call.args.iter() {
            match self.expression(argument) {
                Ok(value) if first.is_none() && value.is_wholly_known() => return Ok(value),
                Ok(value) => first = first.or(Some(value)),
                Err(failure) => last = failure,
            }
        }
        first.ok_or(last)
    }

    fn variable(&self, name: &str, accesses: &[Access]) -> Result<(Value, usize), Failure> {
        match self.bound.iter().rev().find(|(bound, _)| bound == name) {
            Some((_, value)) => Ok((value.clone(), 0)),
            None => self.names.resolve(name, accesses),
        }
    }

    fn traversal(&mut self, traversal: &Traversal) -> Outcome {
        let simple = traversal
            .operators
            .iter()
            .take_while(|operator| {
                !matches!(operator.value(), TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_))
            })
            .count();
        let mut accesses = Vec::with_capacity(simple);
        for operator in &traversal.operators[..simple] {
            accesses.push(self.access(operator.value())?);
        }
        let (mut value, taken) = match &traversal.expr {
            Syntax::Variable(root) => self.variable(root.as_str(), &accesses)?,
            expression => (self.expression(expression)?, 0),
        };
        for (access, operator) in accesses[taken..].iter().zip(&traversal.operators[taken..]) {
            value = self.names.follow(&value, access).map_err(|failure| failure.within(operator.span()))?;
        }
        match traversal.operators.get(simple) {
            None => Ok(value),
            Some(_) => self.splat(&value, &traversal.operators[simple + 1..]),
        }
    }

    /// The rest of the traversal on each element; a single value counts as a list of one, null as an empty one.
    fn splat(&mut self, value: &Value, rest: &[hcl_edit::Decorated<TraversalOperator>]) -> Outcome {
        let items = match value {
            Value::Unknown | Value::Withheld(_) => return Ok(value.clone()),
            Value::Null => Vec::new(),
            Value::List(items) => items.clone(),
            single => vec![single.clone()],
        };
        let mut results = Vec::new();
        for mut item in items {
            for operator in rest {
                let access = self.access(operator.value())?;
                item =
                    self.names.follow(&item, &access).map_err(|failure| failure.within(operator.span()))?;
            }
            results.push(item);
        }
        Ok(Value::List(results))
    }

    fn access(&mut self, operator: &TraversalOperator) -> Result<Access, Failure> {
        Ok(match operator {
            TraversalOperator::GetAttr(name) => Access::Attribute(name.as_str().to_owned()),
            TraversalOperator::Index(index) => Access::Index(self.expression(index)?),
            TraversalOperator::LegacyIndex(index) => Access::Index(Value::from(*index.value() as i64)),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                return Err(Failure::new("a splat within a splat cannot be evaluated").with_hint("use `for`"));
            }
        })
    }

    fn comprehension(&mut self, comprehension: &ForExpr) -> Outcome {
        let intro = &comprehension.intro;
        let collection = self.expression(&intro.collection_expr)?;
        let Some(elements) =
            self.elements(&collection).map_err(|failure| failure.within(intro.collection_expr.span()))?
        else {
            return Ok(Value::Unknown);
        };
        let mut list = Vec::new();
        let mut map = Map::new();
        for (key, value) in elements {
            let result = self.binding(
                intro.key_var.as_ref().map(|name| name.as_str()),
                intro.value_var.as_str(),
                key,
                value,
                |evaluator| {
                    if let Some(condition) = &comprehension.cond {
                        match evaluator.expression(&condition.expr)? {
                            Value::Unknown => return Ok(Some((Value::Unknown, Value::Unknown))),
                            condition if !operator::boolean(&condition)? => return Ok(None),
                            _ => {}
                        }
                    }
                    let key = match &comprehension.key_expr {
                        Some(key) => evaluator.expression(key)?,
                        None => Value::Null,
                    };
                    Ok(Some((key, evaluator.expression(&comprehension.value_expr)?)))
                },
            )?;
            match result {
                None => {}
                Some((Value::Unknown, _)) => return Ok(Value::Unknown),
                Some((Value::Null, value)) => list.push(value),
                Some((key, value)) => {
                    let key = key_text(&key)?;
                    if comprehension.grouping {
                        if let Value::List(group) = map.entry(key).or_insert_with(|| Value::List(Vec::new()))
                        {
                            group.push(value);
                        }
                    } else if map.insert(key.clone(), value).is_some() {
                        return Err(Failure::new(format!("the key \"{key}\" comes twice"))
                            .with_hint("append `...` to the value to group by key"));
                    }
                }
            }
        }
        Ok(if comprehension.key_expr.is_some() { Value::Map(map) } else { Value::List(list) })
    }

    /// The keys and values of a collection; `None` if it is unknown.
    fn elements(&self, collection: &Value) -> Result<Option<Vec<(Value, Value)>>, Failure> {
        self.names.iterate(collection)?;
        match collection {
            Value::Unknown => Ok(None),
            Value::List(items) => Ok(Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (Value::from(index as i64), item.clone()))
                    .collect(),
            )),
            Value::Map(map) => {
                Ok(Some(map.iter().map(|(key, item)| (Value::from(key.as_str()), item.clone())).collect()))
            }
            other => Err(Failure::new(format!("`for` goes over a list or a map, not {}", other.type_name()))),
        }
    }

    fn binding<T>(
        &mut self,
        key_name: Option<&str>,
        value_name: &str,
        key: Value,
        value: Value,
        run: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let depth = self.bound.len();
        if let Some(name) = key_name {
            self.bound.push((name.to_owned(), key));
        }
        self.bound.push((value_name.to_owned(), value));
        let result = run(self);
        self.bound.truncate(depth);
        result
    }
}

/// Whether an element takes away the white space before it and after it (`${~ … ~}`).
fn strips(element: &Element) -> (bool, bool) {
    let (first, last) = match element {
        Element::Literal(_) => return (false, false),
        Element::Interpolation(interpolation) => (interpolation.strip, interpolation.strip),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(directive) => (directive.if_expr.strip, directive.endif_expr.strip),
            Directive::For(directive) => (directive.for_expr.strip, directive.endfor_expr.strip),
        },
    };
    (strips_before(first), strips_after(last))
}

fn strips_before(strip: Strip) -> bool {
    matches!(strip, Strip::Start | Strip::Both)
}

fn strips_after(strip: Strip) -> bool {
    matches!(strip, Strip::End | Strip::Both)
}
