//! Routing policies: which of several record sets of one name and type is the answer.

use aws_sdk_route53::types::{
    CidrRoutingConfig, Coordinates as SdkCoordinates, GeoLocation, GeoProximityLocation,
};
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;
use crate::given::Given;

/// By the address of who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Cidr {
    /// Id of the CIDR collection.
    #[schemars(regex(pattern = r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$"))]
    collection_id: String,
    /// Location in it; `*` is for all that no other location has.
    #[schemars(length(min = 1, max = 16), regex(pattern = r"^[0-9A-Za-z_\-*]+$"))]
    location_name: String,
}

/// One answers while it is healthy, the other when that one is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Failover {
    /// Which of the two this is.
    #[schemars(extend("enum" = ["PRIMARY", "SECONDARY"]))]
    pub(super) r#type: String,
}

/// By the place of who asks. It is a continent, or a country with or without a subdivision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Geolocation {
    /// Two letters of a continent.
    #[schemars(extend("enum" = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"]))]
    continent: Option<String>,
    /// Two letters of a country; `*` is for all that no other set has.
    #[schemars(length(min = 1, max = 2))]
    country: Option<String>,
    /// Letters of a subdivision of the country, such as a state of the US.
    #[schemars(length(min = 1, max = 3))]
    subdivision: Option<String>,
}

/// By the distance between who asks and the resource, whose place is one of the three ways to say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Geoproximity {
    /// The AWS region that the resource is in.
    #[schemars(length(min = 1, max = 64))]
    aws_region: Option<String>,
    /// The local zone group that the resource is in.
    #[schemars(length(min = 1, max = 64))]
    local_zone_group: Option<String>,
    /// Where the resource is.
    coordinates: Option<Coordinates>,
    /// How much larger (or, if negative, smaller) the area is that gets this answer.
    #[schemars(range(min = -99, max = 99))]
    #[serde(default)]
    bias: i32,
}

/// A place on the Earth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Coordinates {
    /// Degrees to the north, with up to two decimals.
    #[schemars(regex(pattern = r"^[-+]?[0-9]{1,2}(\.[0-9]{0,2})?$"))]
    latitude: String,
    /// Degrees to the east, with up to two decimals.
    #[schemars(regex(pattern = r"^[-+]?[0-9]{1,3}(\.[0-9]{0,2})?$"))]
    longitude: String,
}

/// By the latency between who asks and a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Latency {
    /// The AWS region that the resource is in.
    #[schemars(length(min = 1, max = 64))]
    pub(super) region: String,
}

/// In proportion to weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Weighted {
    /// The share of this set; 0: none, unless all have 0.
    #[schemars(range(min = 0, max = 255))]
    pub(super) weight: i64,
}

impl Cidr {
    pub(super) fn read(config: &CidrRoutingConfig) -> Self {
        Self { collection_id: config.collection_id.clone(), location_name: config.location_name.clone() }
    }

    pub(super) fn sdk(&self) -> Result<CidrRoutingConfig, KindError> {
        CidrRoutingConfig::builder()
            .collection_id(&self.collection_id)
            .location_name(&self.location_name)
            .build()
            .map_err(malformed)
    }
}

impl Geolocation {
    pub(super) fn read(location: &GeoLocation) -> Self {
        Self {
            continent: location.continent_code.clone(),
            country: location.country_code.clone(),
            subdivision: location.subdivision_code.clone(),
        }
    }

    pub(super) fn sdk(&self) -> GeoLocation {
        GeoLocation::builder()
            .set_continent_code(self.continent.clone())
            .set_country_code(self.country.clone())
            .set_subdivision_code(self.subdivision.clone())
            .build()
    }
}

impl Geoproximity {
    pub(super) fn read(location: &GeoProximityLocation) -> Self {
        Self {
            aws_region: location.aws_region.clone(),
            local_zone_group: location.local_zone_group.clone(),
            coordinates: location.coordinates().map(|coordinates| Coordinates {
                latitude: coordinates.latitude.clone(),
                longitude: coordinates.longitude.clone(),
            }),
            bias: location.bias().unwrap_or_default(),
        }
    }

    pub(super) fn sdk(&self) -> Result<GeoProximityLocation, KindError> {
        let coordinates = self.coordinates.as_ref().map(|coordinates| {
            SdkCoordinates::builder()
                .latitude(&coordinates.latitude)
                .longitude(&coordinates.longitude)
                .build()
        });
        Ok(GeoProximityLocation::builder()
            .set_aws_region(self.aws_region.clone())
            .set_local_zone_group(self.local_zone_group.clone())
            .set_coordinates(coordinates.transpose().map_err(malformed)?)
            .bias(self.bias)
            .build())
    }
}

/// What is wrong with the blocks that say a place in one of several ways.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = one_place(
        configuration,
        "geoproximity_routing_policy",
        &["aws_region", "local_zone_group", "coordinates"],
    );
    problems.extend(one_place(configuration, "geolocation_routing_policy", &["continent", "country"]));
    let location = Given(configuration.get("geolocation_routing_policy"));
    if location.has("subdivision") && location.lacks("country") {
        problems.push(
            Problem::new("geolocation_routing_policy.subdivision", "`subdivision` is that of a `country`")
                .with_hint("add `country`"),
        );
    }
    problems
}

fn one_place(configuration: &Value, block: &str, ways: &[&str]) -> Vec<Problem> {
    let place = configuration.get(block);
    let given = Given(place);
    let none = place.as_map().is_some() && ways.iter().all(|way| given.lacks(way));
    if !none && ways.iter().filter(|way| given.has(way)).count() < 2 {
        return Vec::new();
    }
    vec![Problem::new(block, format!("`{block}` has exactly one of {}", ways.join(", ")))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_survive_the_way_to_the_sdk_and_back() {
        let place = Geoproximity {
            coordinates: Some(Coordinates { latitude: "48.2".to_owned(), longitude: "-16.37".to_owned() }),
            bias: -5,
            ..Geoproximity::default()
        };
        assert_eq!(place.sdk().ok().as_ref().map(Geoproximity::read), Some(place));
        let region = Geoproximity { aws_region: Some("eu-west-1".to_owned()), ..Geoproximity::default() };
        assert_eq!(region.sdk().ok().as_ref().map(Geoproximity::read), Some(region));
    }
}
