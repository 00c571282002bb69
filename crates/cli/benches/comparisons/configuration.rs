//! Configurations of `terraform_data`, which both engines have built in: nothing but the engines is measured.

use std::fmt::Write as _;

/// What depends on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Each resource depends on one parent, which has ten children.
    Tree,
    /// Nothing depends on anything.
    Wide,
    /// Each resource depends on the one before it.
    Chain,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Wide => "wide",
            Self::Chain => "chain",
        }
    }

    fn parent(self, index: usize) -> Option<usize> {
        let before = index.checked_sub(1)?;
        match self {
            Self::Tree => Some(before / 10),
            Self::Wide => None,
            Self::Chain => Some(before),
        }
    }

    /// The environment file.
    pub(crate) fn in_toml(self, resources: usize) -> String {
        let mut text = "[env]\nname = \"bench\"\nproject = \"bench\"\nregion = \"us-east-1\"\n".to_owned();
        for index in 0..resources {
            let input = match self.parent(index) {
                Some(parent) => format!("${{terraform_data.r{parent}.id}}"),
                None => "root".to_owned(),
            };
            write!(text, "\n[resource.terraform_data.r{index}]\ninput = \"{input}\"\n").unwrap();
        }
        text
    }

    /// The same for Terraform.
    pub(crate) fn in_hcl(self, resources: usize) -> String {
        let mut text = String::new();
        for index in 0..resources {
            let input = match self.parent(index) {
                Some(parent) => format!("terraform_data.r{parent}.id"),
                None => "\"root\"".to_owned(),
            };
            write!(text, "resource \"terraform_data\" \"r{index}\" {{\n  input = {input}\n}}\n").unwrap();
        }
        text
    }
}
