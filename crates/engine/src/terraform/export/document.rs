//! The file, put together.

use std::collections::{BTreeMap, BTreeSet};

use super::symbols::literal;
use super::*;
use crate::config::Environment;

/// The providers of Terraform's registry that types of resources and data sources are of, with the versions that have what
/// is written.
const PROVIDERS: [(&str, &str); 4] =
    [("archive", "~> 2.4"), ("aws", "~> 6.0"), ("time", "~> 0.9"), ("tls", "~> 4.0")];

/// The blocks of a configuration.
#[derive(Default)]
pub(super) struct Document {
    data: BTreeMap<String, BTreeMap<String, Json>>,
    resources: BTreeMap<String, BTreeMap<String, Json>>,
    outputs: BTreeMap<String, Json>,
    imports: BTreeMap<String, String>,
}

impl Document {
    /// A resource, or a data source, of that name, such as `aws_s3_bucket.logs` or `data.aws_region.current`.
    pub(super) fn block(&mut self, name: &str, block: JsonMap<String, Json>) {
        let (blocks, name) = match name.strip_prefix("data.") {
            Some(name) => (&mut self.data, name),
            None => (&mut self.resources, name),
        };
        let (kind, name) = name.split_once('.').unwrap_or((name, ""));
        blocks.entry(kind.to_owned()).or_default().insert(name.to_owned(), Json::Object(block));
    }

    pub(super) fn output(&mut self, name: &str, block: JsonMap<String, Json>) {
        self.outputs.insert(name.to_owned(), Json::Object(block));
    }

    /// That what has that id becomes the resource of that name.
    pub(super) fn import(&mut self, name: &str, id: &str) {
        self.imports.insert(name.to_owned(), id.to_owned());
    }

    /// The file.
    pub(super) fn text(&self, environment: &Environment, secrets: &BTreeMap<String, Declared>) -> String {
        let mut whole = JsonMap::new();
        whole.insert(
            "//".to_owned(),
            format!(
                "The environment {} of {}, exported by provision.",
                environment.name, environment.project
            )
            .into(),
        );
        whole.insert("terraform".to_owned(), self.terraform());
        if self.prefixes().contains("aws") {
            let mut provider = JsonMap::new();
            provider.insert("region".to_owned(), environment.region.as_str().into());
            if let Some(account) = &environment.account_id {
                provider.insert("allowed_account_ids".to_owned(), json!([account]));
            }
            whole.insert("provider".to_owned(), json!({ "aws": provider }));
        }
        let sections = [
            ("variable", variables(secrets)),
            ("data", json!(self.data)),
            ("resource", json!(self.resources)),
            ("output", json!(self.outputs)),
            ("import", self.imports()),
        ];
        let is_empty = |section: &Json| {
            section.as_object().is_some_and(JsonMap::is_empty)
                || section.as_array().is_some_and(Vec::is_empty)
        };
        for (name, section) in sections {
            if !is_empty(&section) {
                whole.insert(name.to_owned(), section);
            }
        }
        format!("{:#}\n", Json::Object(whole))
    }

    fn terraform(&self) -> Json {
        let prefixes = self.prefixes();
        let used = PROVIDERS.iter().filter(|(name, _)| prefixes.contains(name));
        let providers: BTreeMap<&str, Json> = used
            .map(|(name, version)| {
                (*name, json!({ "source": format!("hashicorp/{name}"), "version": version }))
            })
            .collect();
        // The first that has `import` blocks.
        json!({ "required_version": ">= 1.5.0", "required_providers": providers })
    }

    fn imports(&self) -> Json {
        self.imports.iter().map(|(to, id)| json!({ "to": to, "id": literal(id) })).collect()
    }

    /// What the types begin with: the names of their providers.
    fn prefixes(&self) -> BTreeSet<&str> {
        self.data.keys().chain(self.resources.keys()).filter_map(|kind| kind.split('_').next()).collect()
    }
}

fn variables(secrets: &BTreeMap<String, Declared>) -> Json {
    let variable = |(name, declared): (&String, &Declared)| {
        let mut block = JsonMap::new();
        if !declared.description.is_empty() {
            block.insert("description".to_owned(), literal(&declared.description).into());
        }
        block.insert("type".to_owned(), declared.r#type.into());
        block.insert("sensitive".to_owned(), Json::Bool(true));
        (name.clone(), Json::Object(block))
    };
    Json::Object(secrets.iter().map(variable).collect())
}
