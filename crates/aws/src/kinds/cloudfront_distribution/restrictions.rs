//! From where viewers may come: `restrictions`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// From where viewers may come.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Restrictions {
    /// From which countries.
    geo_restriction: GeoRestriction,
}

/// From which countries viewers may come.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct GeoRestriction {
    /// All (`none`), those listed (`whitelist`), or all but those listed (`blacklist`).
    #[schemars(extend("enum" = ["none", "whitelist", "blacklist"]))]
    restriction_type: String,
    /// The countries, as ISO 3166-1 alpha-2 writes them: `DE`, `GB`.
    #[serde(default)]
    locations: BTreeSet<String>,
}

impl Restrictions {
    pub(super) fn from_sdk(restrictions: Option<&sdk::Restrictions>) -> Self {
        let geo = restrictions.and_then(sdk::Restrictions::geo_restriction);
        Self {
            geo_restriction: GeoRestriction {
                restriction_type: geo.map_or("none", |geo| geo.restriction_type().as_str()).to_owned(),
                locations: geo.map(|geo| geo.items()).unwrap_or_default().iter().cloned().collect(),
            },
        }
    }

    pub(super) fn to_sdk(&self) -> Result<sdk::Restrictions, KindError> {
        let GeoRestriction { restriction_type, locations } = &self.geo_restriction;
        let geo = sdk::GeoRestriction::builder()
            .restriction_type(restriction_type.as_str().into())
            .quantity(locations.len() as i32)
            .set_items((!locations.is_empty()).then(|| locations.iter().cloned().collect()))
            .build()
            .map_err(malformed)?;
        Ok(sdk::Restrictions::builder().geo_restriction(geo).build())
    }
}

/// What is wrong with the configured restrictions.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    const LOCATIONS: &str = "restrictions.geo_restriction.locations";
    let geo = configuration.get("restrictions").get("geo_restriction");
    let locations = geo.get("locations");
    let mut problems = Vec::new();
    match geo.get("restriction_type").as_str() {
        Some("none") if !locations.items().is_empty() => problems.push(
            Problem::new(LOCATIONS, "without a restriction, no countries can be listed")
                .with_hint("set `restriction_type` to \"whitelist\" or \"blacklist\", or remove the list"),
        ),
        Some(kind @ ("whitelist" | "blacklist")) if locations.is_empty() => problems.push(
            Problem::new("restrictions.geo_restriction", format!("a {kind} needs countries"))
                .with_hint("list them in `locations`, or set `restriction_type = \"none\"`"),
        ),
        _ => {}
    }
    for location in locations.items().iter().filter_map(Value::as_str) {
        if !COUNTRIES.split_ascii_whitespace().any(|country| country == location) {
            problems.push(
                Problem::new(LOCATIONS, format!("\"{location}\" is no code of a country")).with_hint(
                    "use the two capital letters of ISO 3166-1, such as GB for the United Kingdom",
                ),
            );
        }
    }
    problems
}

/// The countries that CloudFront knows.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
