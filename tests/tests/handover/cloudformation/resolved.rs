//! Properties of a template as they are in one stack: functions have become what they give.

use std::collections::BTreeMap;

use provision_engine::plan::ChangeDocument;
use serde_json::{Map, Value as Json};

use super::stack::Resource;
use super::template::{Template, Values, function, substituted};

/// A template, the values of its parameters, and what the stack has made of it.
pub(super) struct Resolver<'a> {
    pub(super) template: &'a Template,
    pub(super) values: &'a Values,
    pub(super) made: &'a BTreeMap<String, Resource>,
    /// What a plan knows of resources, by their names in the template.
    pub(super) planned: &'a BTreeMap<String, &'a ChangeDocument>,
}

impl Resolver<'_> {
    /// The properties of a resource.
    pub(super) fn properties(&self, id: &str) -> Json {
        self.resolve(&self.template.document["Resources"][id]["Properties"]).unwrap_or_default()
    }

    /// What a node gives; `None` for `AWS::NoValue`.
    fn resolve(&self, node: &Json) -> Option<Json> {
        Some(match (node, function(node)) {
            (_, Some(("Ref", name))) if name == "AWS::NoValue" => return None,
            (_, Some(("Ref", name))) => self.reference(name.as_str()?),
            (_, Some(("Fn::GetAtt", path))) => self.attribute(path[0].as_str()?, path[1].as_str()?),
            (_, Some(("Fn::If", branches))) => {
                let holds = self.template.conditions(self.values)[branches[0].as_str()?];
                return self.resolve(&branches[if holds { 1 } else { 2 }]);
            }
            (_, Some(("Fn::Sub", Json::String(template)))) => {
                let text = |id: &str, attribute: &str| {
                    let value = match attribute {
                        "Ref" => self.reference(id),
                        other => self.attribute(id, other),
                    };
                    value.as_str().map(str::to_owned)
                };
                substituted(template, &text).into()
            }
            (_, Some((other, _))) => panic!("{other} is not resolved: {node}"),
            (Json::Array(items), _) => items.iter().filter_map(|item| self.resolve(item)).collect(),
            (Json::Object(entries), _) => {
                let entries =
                    entries.iter().filter_map(|(key, value)| Some((key.clone(), self.resolve(value)?)));
                Json::Object(entries.collect::<Map<_, _>>())
            }
            _ => node.clone(),
        })
    }

    fn reference(&self, name: &str) -> Json {
        let planned = self.planned.get(name).and_then(|change| change.id.clone());
        let made = self.made.get(name).map(|resource| resource.id.clone());
        let given = self.values.get(name).cloned();
        planned.or(made).or(given).unwrap_or_else(|| panic!("{name} stands for something")).into()
    }

    fn attribute(&self, id: &str, attribute: &str) -> Json {
        if let Some(change) = self.planned.get(id) {
            assert_eq!(attribute, "Arn", "an attribute of {id}");
            return change.after.get("arn").to_json();
        }
        let resource = &self.made[id];
        match (&*resource.r#type, attribute) {
            ("AWS::KMS::Key", "Arn") => {
                let account = &self.values["AWS::AccountId"];
                format!("arn:aws:kms:us-east-1:{account}:key/{}", resource.id).into()
            }
            // Nothing else stands in what is completed.
            (r#type, _) => format!("{attribute} of {type} {id}").into(),
        }
    }
}
