//! Hand-over: a module or an environment as a template of AWS CloudFormation.
//!
//! A kind says beside its own definition what it is there: its [`Counterpart`].

mod assemble;
mod block;
mod condition;
mod constraint;
mod export;
mod names;
mod operations;
mod parameter;
mod render;
mod resources;
mod rules;
mod scene;
mod symbol;
mod tree;
mod uses;
mod world;
mod yaml;

pub use export::{Exported, export};

pub use block::{Block, Written};

use crate::value::{Map, Value};

/// What a kind is in CloudFormation.
#[derive(Debug, Clone, Copy)]
pub struct Counterpart {
    /// The resource that it is by itself.
    pub resource: Option<Resource>,
    /// The resource that it is a part of, if that is in the template too. This goes before `resource`.
    pub part: Option<Part>,
    /// The resource that it is a part of where that is not.
    pub other: Option<Part>,
    /// Whether it goes without saying there: nothing is made of it, and there is nothing to tell of it.
    pub implied: bool,
    /// What becomes of its attributes where others refer to them. One that is not named here, and that can be set, is
    /// what it is set to; any other cannot be had in a template. `id` is an attribute too.
    pub attributes: &'static [(&'static str, Returned)],
}

/// A resource of a template.
#[derive(Debug, Clone, Copy)]
pub struct Resource {
    /// Its type, such as `AWS::S3::Bucket`.
    pub r#type: &'static str,
    /// Writes its properties.
    pub properties: fn(&mut Block<'_>),
}

/// Properties of a resource of a template that has another kind for itself.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The argument that refers to that resource.
    pub of: &'static str,
    /// The attributes of that resource by which it refers to it; none: by any.
    pub by: &'static [&'static str],
    /// Writes the properties that this adds. Lists are added to the lists that are there.
    pub properties: fn(&mut Block<'_>),
}

/// Makes a list or a table of the arguments of a resource, and of what stands for attributes of it.
pub type Structure = fn(&Value, &dyn Fn(&str) -> Value) -> Value;

/// What becomes of an attribute that others refer to.
#[derive(Debug, Clone, Copy)]
pub enum Returned {
    /// `!Ref` of the resource.
    Ref,
    /// `!GetAtt` of the resource.
    GetAtt(&'static str),
    /// `!Sub` of a text in which `${Ref}` stands for the resource's `!Ref`, `${.Name}` for its `!GetAtt`, and `${AWS::…}`
    /// for pseudo parameters.
    Sub(&'static str),
    /// What another argument is set to.
    Argument(&'static str),
    /// What follows from the arguments.
    Known(fn(&Value) -> Option<Value>),
    /// A list or a table with something in it for others to refer to, or what depends on the arguments: made of them, and
    /// of what stands for an attribute, which may be one that has its name only in this list.
    Structure(Structure),
    /// A parameter of the template, since a template cannot know it. The text says what to give; it ends without a dot.
    Parameter(&'static str),
    /// The same, where AWS asks for a form: the second text has that form, and is what the parameter is where nothing needs
    /// it.
    ParameterLike(&'static str, &'static str),
    /// The same, where what is given is a secret.
    Secret(&'static str),
    /// Nothing but a sign by which a [`Part`] finds what it is a part of.
    Sign,
}

impl Counterpart {
    /// A resource of that type.
    pub const fn resource(r#type: &'static str, properties: fn(&mut Block<'_>)) -> Self {
        Self { resource: Some(Resource { r#type, properties }), ..Self::implied() }.explicit()
    }

    /// Nothing but properties of the resource that an argument refers to.
    pub const fn part_of(of: &'static str, properties: fn(&mut Block<'_>)) -> Self {
        Self { part: Some(Part { of, by: &[], properties }), ..Self::implied() }.explicit()
    }

    /// Nothing: in a template, it goes without saying, or others give it.
    pub const fn implied() -> Self {
        Self { resource: None, part: None, other: None, implied: true, attributes: &[] }
    }

    /// The same, but a part of another resource of the template where an argument refers to that by one of these of its
    /// attributes (none: by any). Of a part: where it is not one already.
    pub const fn or_part_of(
        self,
        of: &'static str,
        by: &'static [&'static str],
        properties: fn(&mut Block<'_>),
    ) -> Self {
        let part = Some(Part { of, by, properties });
        match self.part {
            None => Self { part, implied: false, ..self },
            Some(_) => Self { other: part, ..self },
        }
    }

    /// What it can be a part of, in the order in which that counts.
    pub fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        self.part.into_iter().chain(self.other)
    }

    /// The same, with attributes that others can refer to.
    pub const fn with(self, attributes: &'static [(&'static str, Returned)]) -> Self {
        Self { attributes, ..self }
    }

    const fn explicit(self) -> Self {
        Self { implied: false, ..self }
    }

    /// What becomes of an attribute, if that is said.
    pub fn returned(&self, attribute: &str) -> Option<Returned> {
        self.attributes.iter().find(|(name, _)| *name == attribute).map(|(_, returned)| *returned)
    }
}

/// A name in CloudFormation's way: `origin_access_control` is `OriginAccessControl`.
pub(crate) fn pascal(name: &str) -> String {
    name.split(|separator: char| !separator.is_ascii_alphanumeric())
        .map(|word| match word {
            "cloudfront" => "CloudFront".to_owned(),
            _ => {
                let mut characters = word.chars();
                characters.next().map_or_else(String::new, |first| {
                    first.to_ascii_uppercase().to_string() + characters.as_str()
                })
            }
        })
        .collect()
}

/// A table with one entry.
pub fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map>(),
    )
}
