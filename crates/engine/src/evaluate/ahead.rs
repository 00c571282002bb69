//! What an expression names is evaluated before it, with a stack of its own: a chain of references can be longer than
//! the thread's.

use super::*;
use crate::expression::Reference;

impl Evaluation<'_> {
    /// Evaluates all named values that a tree refers to, however far behind.
    pub(super) fn evaluate_ahead(&self, instance: &Rc<Instance>, node: &Node) {
        let mut stack: Vec<(Named, bool)> = Vec::new();
        self.push_named(instance, node, &mut stack);
        let mut visited: HashSet<(InstanceName, Name)> = HashSet::default();
        while let Some(((instance, name), is_ready)) = stack.pop() {
            if is_ready {
                match &name {
                    Name::Variable(name) => self.variable_of(&instance, name),
                    Name::Local(name) => self.local_of(&instance, name),
                    Name::Output(name) => self.output_of(&instance, name),
                };
            } else if visited.insert((instance.name.clone(), name.clone())) {
                stack.push(((instance.clone(), name.clone()), true));
                self.push_named_by(&instance, &name, &mut stack);
            }
        }
    }

    /// What a named value is made of.
    fn push_named_by(&self, instance: &Rc<Instance>, name: &Name, stack: &mut Vec<(Named, bool)>) {
        let module = self.module_of(instance);
        match name {
            Name::Local(name) => {
                module
                    .locals
                    .get(name)
                    .iter()
                    .for_each(|entry| self.push_named(instance, &entry.node, stack));
            }
            Name::Output(name) => {
                module
                    .outputs
                    .get(name)
                    .iter()
                    .for_each(|output| self.push_named(instance, &output.value, stack));
            }
            Name::Variable(name) => {
                let given = instance.parent.as_ref().and_then(|parent| {
                    let call = &self.configuration.modules[instance.path].name;
                    let entry = self.module_of(parent).modules.get(call)?.arguments.get(name)?;
                    Some((parent, &entry.node))
                });
                match given {
                    Some((parent, node)) => self.push_named(parent, node, stack),
                    None => {
                        let default =
                            module.variables.get(name).and_then(|variable| variable.default.as_ref());
                        default.iter().for_each(|node| self.push_named(instance, node, stack));
                    }
                }
            }
        }
    }

    /// The named values in a tree that are not known.
    fn push_named(&self, instance: &Rc<Instance>, node: &Node, stack: &mut Vec<(Named, bool)>) {
        node.for_each_expression(&mut |expression| {
            for reference in &expression.references {
                for (instance, name) in self.named_by(instance, reference) {
                    if !instance.known.borrow().contains_key(&name)
                        && !instance.evaluating.borrow().contains(&name)
                    {
                        stack.push(((instance, name), false));
                    }
                }
            }
        });
    }

    fn named_by(&self, instance: &Rc<Instance>, reference: &Reference) -> Vec<Named> {
        let name = |position: usize| reference.names.get(position).cloned();
        match (reference.names.first().map(String::as_str), name(1), name(2)) {
            (Some("var"), Some(name), _) => vec![(instance.clone(), Name::Variable(name))],
            (Some("local"), Some(name), _) => vec![(instance.clone(), Name::Local(name))],
            (Some("module"), Some(call), output) => {
                // One of many is evaluated when it is asked for: to look at all for each would be quadratic.
                let Children::One(child) = &*self.children(instance, &call) else { return Vec::new() };
                let outputs = match output {
                    Some(output) => vec![output],
                    None => self.module_of(child).outputs.keys().cloned().collect(),
                };
                outputs.into_iter().map(|output| (child.clone(), Name::Output(output))).collect()
            }
            _ => Vec::new(),
        }
    }
}
