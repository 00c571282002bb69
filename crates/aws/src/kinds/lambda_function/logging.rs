//! What a function writes into its log, and where.

use aws_sdk_lambda::types;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::given::Given;

/// The function's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LoggingConfig {
    /// Plain text, or JSON that can be filtered by level.
    #[schemars(extend("enum" = ["Text", "JSON"]))]
    #[serde(default = "text")]
    log_format: String,
    /// Log group; absent: `/aws/lambda/` and the function's name. One that is not there when the function first runs is
    /// made by Lambda, and outlives it.
    #[schemars(length(min = 1, max = 512), regex(pattern = r"^[.\-_/#A-Za-z0-9]+$"))]
    log_group: Option<String>,
    /// Level below which what the code says is left out; absent: `INFO`. Needs the format `JSON`.
    #[schemars(extend("enum" = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]))]
    application_log_level: Option<String>,
    /// Level below which what Lambda says is left out; absent: `INFO`. Needs the format `JSON`.
    #[schemars(extend("enum" = ["DEBUG", "INFO", "WARN"]))]
    system_log_level: Option<String>,
}

const INFO: &str = "INFO";

fn text() -> String {
    types::LogFormat::Text.as_str().to_owned()
}

impl Default for LoggingConfig {
    fn default() -> Self {
        Self { log_format: text(), log_group: None, application_log_level: None, system_log_level: None }
    }
}

impl LoggingConfig {
    pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
        let config = configuration.get("logging_config");
        if config.get("log_format").as_str() != Some("Text") {
            return Vec::new();
        }
        ["application_log_level", "system_log_level"]
            .into_iter()
            .filter(|name| Given(config).has(name))
            .map(|name| {
                Problem::new(
                    format!("logging_config.{name}").as_str(),
                    format!("`{name}` needs the format JSON"),
                )
                .with_hint("set `log_format = \"JSON\"`")
            })
            .collect()
    }

    /// What Lambda fills in counts as absent, unless it was said.
    pub(super) fn read(answer: Option<&types::LoggingConfig>, function: &str, prior: &Self) -> Self {
        let Some(answer) = answer else { return Self::default() };
        let unless_default = |value: Option<&str>, default: &str, said: &Option<String>| {
            value.filter(|value| *value != default || said.is_some()).map(str::to_owned)
        };
        Self {
            log_format: answer.log_format().map_or_else(text, |format| format.as_str().to_owned()),
            log_group: unless_default(answer.log_group(), &default_group(function), &prior.log_group),
            application_log_level: unless_default(
                answer.application_log_level().map(|level| level.as_str()),
                INFO,
                &prior.application_log_level,
            ),
            system_log_level: unless_default(
                answer.system_log_level().map(|level| level.as_str()),
                INFO,
                &prior.system_log_level,
            ),
        }
    }

    pub(super) fn sdk(&self, function: &str) -> types::LoggingConfig {
        let group = self.log_group.clone().unwrap_or_else(|| default_group(function));
        let level = |level: &Option<String>| {
            (self.log_format != text()).then(|| level.clone().unwrap_or_else(|| INFO.to_owned()))
        };
        types::LoggingConfig::builder()
            .log_format(self.log_format.as_str().into())
            .log_group(group)
            .set_application_log_level(level(&self.application_log_level).as_deref().map(Into::into))
            .set_system_log_level(level(&self.system_log_level).as_deref().map(Into::into))
            .build()
    }
}

fn default_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}
