//! The data source `aws_region`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clients::Reader;

/// A region: the one that resources are made in, or the one that `name` or `endpoint` selects. Known without a call.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RegionData {
    /// Selects the region of that name, such as `eu-central-1`. Deprecated in Terraform in favour of `region`.
    #[schemars(regex(pattern = r"^[a-z]{2,4}(-[a-z]+)+-\d+$"), extend("computed" = true))]
    name: Option<String>,
    /// Selects the region by its EC2 endpoint, such as `ec2.eu-central-1.amazonaws.com`.
    #[schemars(extend("computed" = true))]
    endpoint: Option<String>,
    /// Name of the region.
    #[serde(default)]
    region: Computed<String>,
    /// Name of the region.
    #[serde(default)]
    id: Computed<String>,
    /// Where it is, such as `Europe (Frankfurt)`; absent for a region that this version does not know yet.
    #[serde(default)]
    description: Computed<String>,
}

#[async_trait]
impl Data for RegionData {
    const NAME: &'static str = "aws_region";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        ("name", Returned::Structure(selected)),
        ("region", Returned::Structure(selected)),
        ("id", Returned::Structure(selected)),
        (OF_STACK, Returned::Sub("${AWS::Region}")),
        (
            "endpoint",
            Returned::Structure(
                |selection, attribute| match selected(selection, &|_| Value::Null).as_str() {
                    Some(region) => endpoint(region).into(),
                    None => attribute(ENDPOINT_OF_STACK),
                },
            ),
        ),
        (ENDPOINT_OF_STACK, Returned::Sub("ec2.${AWS::Region}.${AWS::URLSuffix}")),
    ]));
    type Reader = Reader;

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let by_endpoint = match &self.endpoint {
            Some(address) => Some(region_of(address).ok_or_else(|| {
                KindError::new(format!("{address} is the EC2 endpoint of no region"))
                    .with_hint("write it as `ec2.eu-central-1.amazonaws.com`")
            })?),
            None => None,
        };
        let region = match (self.name.as_deref(), by_endpoint) {
            (Some(name), Some(other)) if name != other => {
                return Err(KindError::new(format!("the endpoint is that of {other}, and not of {name}"))
                    .with_hint("keep one of `name` and `endpoint`"));
            }
            (Some(name), _) | (None, Some(name)) => name,
            (None, None) => reader.region().ok_or_else(|| KindError::new("no region is configured"))?,
        };
        Ok(Self {
            name: Some(region.to_owned()),
            endpoint: Some(endpoint(region)),
            region: region.into(),
            id: region.into(),
            description: description(region).map(str::to_owned).into(),
        })
    }

    /// Nothing is asked.
    fn permissions(_configuration: &Value) -> Vec<Permission> {
        Vec::new()
    }
}

const OF_STACK: &str = "region_of_stack";
const ENDPOINT_OF_STACK: &str = "endpoint_of_stack";

/// The region that is selected, as a template has it: by default that of the stack.
fn selected(selection: &Value, attribute: &dyn Fn(&str) -> Value) -> Value {
    match (selection.get("name"), selection.get("endpoint").as_str().and_then(region_of)) {
        (Value::Null, Some(region)) => region.into(),
        (Value::Null, None) => attribute(OF_STACK),
        (name, _) => name.clone(),
    }
}

/// The EC2 endpoint, which says in what domain the services of a region are.
fn endpoint(region: &str) -> String {
    let domain = match region.split('-').take(2).collect::<Vec<_>>()[..] {
        ["cn", _] => "amazonaws.com.cn",
        ["eusc", _] => "amazonaws.eu",
        ["us", "iso"] => "c2s.ic.gov",
        ["us", "isob"] => "sc2s.sgov.gov",
        ["us", "isof"] => "csp.hci.ic.gov",
        ["eu", "isoe"] => "cloud.adc-e.uk",
        _ => "amazonaws.com",
    };
    format!("ec2.{region}.{domain}")
}

/// The region of an EC2 endpoint.
fn region_of(address: &str) -> Option<&str> {
    let region = address.strip_prefix("ec2.")?.split('.').next()?;
    (endpoint(region) == address).then_some(region)
}

/// Where a region is, in the words of AWS.
fn description(region: &str) -> Option<&'static str> {
    Some(match region {
        "af-south-1" => "Africa (Cape Town)",
        "ap-east-1" => "Asia Pacific (Hong Kong)",
        "ap-east-2" => "Asia Pacific (Taipei)",
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "ap-northeast-2" => "Asia Pacific (Seoul)",
        "ap-northeast-3" => "Asia Pacific (Osaka)",
        "ap-south-1" => "Asia Pacific (Mumbai)",
        "ap-south-2" => "Asia Pacific (Hyderabad)",
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        "ap-southeast-2" => "Asia Pacific (Sydney)",
        "ap-southeast-3" => "Asia Pacific (Jakarta)",
        "ap-southeast-4" => "Asia Pacific (Melbourne)",
        "ap-southeast-5" => "Asia Pacific (Malaysia)",
        "ap-southeast-6" => "Asia Pacific (New Zealand)",
        "ap-southeast-7" => "Asia Pacific (Thailand)",
        "ca-central-1" => "Canada (Central)",
        "ca-west-1" => "Canada West (Calgary)",
        "cn-north-1" => "China (Beijing)",
        "cn-northwest-1" => "China (Ningxia)",
        "eu-central-1" => "Europe (Frankfurt)",
        "eu-central-2" => "Europe (Zurich)",
        "eu-isoe-west-1" => "EU ISOE West",
        "eu-north-1" => "Europe (Stockholm)",
        "eu-south-1" => "Europe (Milan)",
        "eu-south-2" => "Europe (Spain)",
        "eu-west-1" => "Europe (Ireland)",
        "eu-west-2" => "Europe (London)",
        "eu-west-3" => "Europe (Paris)",
        "eusc-de-east-1" => "AWS European Sovereign Cloud (Germany)",
        "il-central-1" => "Israel (Tel Aviv)",
        "me-central-1" => "Middle East (UAE)",
        "me-south-1" => "Middle East (Bahrain)",
        "mx-central-1" => "Mexico (Central)",
        "sa-east-1" => "South America (Sao Paulo)",
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-gov-east-1" => "AWS GovCloud (US-East)",
        "us-gov-west-1" => "AWS GovCloud (US-West)",
        "us-iso-east-1" => "US ISO East",
        "us-iso-west-1" => "US ISO WEST",
        "us-isob-east-1" => "US ISOB East (Ohio)",
        "us-isob-west-1" => "US ISOB West",
        "us-isof-east-1" => "US ISOF EAST",
        "us-isof-south-1" => "US ISOF SOUTH",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        _ => return None,
    })
}
