//! Where a bucket is found: its ARN, its domain names and its website. All follow from its name and region.

/// Regions whose website endpoint is spelt with a hyphen, as all once were.
const HYPHENATED: [&str; 9] = [
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// The Route 53 zones of the website endpoints, from the S3 endpoints and quotas in the AWS General Reference.
const HOSTED_ZONES: [(&str, &str); 38] = [
    ("af-south-1", "Z83WF9RJE8B12"),
    ("ap-east-1", "ZNB98KWMFR0R6"),
    ("ap-east-2", "Z064739330DAH7WJVOO93"),
    ("ap-northeast-1", "Z2M4EHUR26P7ZW"),
    ("ap-northeast-2", "Z3W03O7B5YMIYP"),
    ("ap-northeast-3", "Z2YQB5RD63NC85"),
    ("ap-south-1", "Z11RGJOFQNVJUP"),
    ("ap-south-2", "Z02976202B4EZMXIPMXF7"),
    ("ap-southeast-1", "Z3O0J2DXBE1FTB"),
    ("ap-southeast-2", "Z1WCIGYICN2BYD"),
    ("ap-southeast-3", "Z01846753K324LI26A3VV"),
    ("ap-southeast-4", "Z0312387243XT5FE14WFO"),
    ("ap-southeast-5", "Z08660063OXLMA7F1FJHU"),
    ("ap-southeast-6", "Z05686083R66JX5C163TC"),
    ("ap-southeast-7", "Z0031014GXUMRZG6I14G"),
    ("ca-central-1", "Z1QDHH18159H29"),
    ("ca-west-1", "Z03565811Z33SLEZTHOUL"),
    ("cn-north-1", "Z5CN8UMXT92WN"),
    ("cn-northwest-1", "Z282HJ1KT0DH03"),
    ("eu-central-1", "Z21DNDUVLTQW6Q"),
    ("eu-central-2", "Z030506016YDQGETNASS"),
    ("eu-north-1", "Z3BAZG2TWCNX0D"),
    ("eu-south-1", "Z30OZKI7KPW7MI"),
    ("eu-south-2", "Z0081959F7139GRJC19J"),
    ("eu-west-1", "Z1BKCTXD74EZPE"),
    ("eu-west-2", "Z3GKZC51ZF0DB4"),
    ("eu-west-3", "Z3R1K369G5AVDG"),
    ("il-central-1", "Z09640613K4A3MN55U7GU"),
    ("me-central-1", "Z06143092I8HRXZRUZROF"),
    ("me-south-1", "Z1MPMWCPA7YB62"),
    ("mx-central-1", "Z057606446ZNVQJJ8WOP"),
    ("sa-east-1", "Z7KQH4QJS55SO"),
    ("us-east-1", "Z3AQBSTGFYJSTF"),
    ("us-east-2", "Z2O1EMRO9K5GLX"),
    ("us-gov-east-1", "Z2NIFVYYW2VKV1"),
    ("us-gov-west-1", "Z31GFT0UA1I2HV"),
    ("us-west-1", "Z2F56UZL2M1ACD"),
    ("us-west-2", "Z3BJ6K6RIION7M"),
];

/// The partition of a region and the domain of its services.
fn partition(region: &str) -> (&'static str, &'static str) {
    const PARTITIONS: [(&str, &str, &str); 7] = [
        ("cn-", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-", "aws-us-gov", "amazonaws.com"),
        ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
        ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
        ("us-iso-", "aws-iso", "c2s.ic.gov"),
        ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
        ("eusc-", "aws-eusc", "amazonaws.eu"),
    ];
    PARTITIONS
        .iter()
        .find(|(prefix, ..)| region.starts_with(prefix))
        .map_or(("aws", "amazonaws.com"), |(_, partition, domain)| (*partition, *domain))
}

pub(super) fn arn(bucket: &str, region: &str) -> String {
    format!("arn:{}:s3:::{bucket}", partition(region).0)
}

pub(super) fn domain_name(bucket: &str, region: &str) -> String {
    format!("{bucket}.s3.{}", partition(region).1)
}

pub(super) fn regional_domain_name(bucket: &str, region: &str) -> String {
    format!("{bucket}.s3.{region}.{}", partition(region).1)
}

pub(super) fn website_domain(region: &str) -> String {
    let separator = if HYPHENATED.contains(&region) { '-' } else { '.' };
    format!("s3-website{separator}{region}.{}", partition(region).1)
}

/// `None` in a region whose zone is not known here.
pub(super) fn hosted_zone_id(region: &str) -> Option<&'static str> {
    HOSTED_ZONES.iter().find(|(known, _)| *known == region).map(|(_, zone)| *zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follow_from_name_and_region() {
        assert_eq!(regional_domain_name("b", "us-east-1"), "b.s3.us-east-1.amazonaws.com");
        assert_eq!(domain_name("b", "eu-central-1"), "b.s3.amazonaws.com");
        assert_eq!(website_domain("us-west-2"), "s3-website-us-west-2.amazonaws.com");
        assert_eq!(website_domain("eu-central-1"), "s3-website.eu-central-1.amazonaws.com");
        assert_eq!(website_domain("cn-north-1"), "s3-website.cn-north-1.amazonaws.com.cn");
        assert_eq!(arn("b", "cn-north-1"), "arn:aws-cn:s3:::b");
        assert_eq!(arn("b", "us-gov-west-1"), "arn:aws-us-gov:s3:::b");
        assert_eq!(hosted_zone_id("eu-west-1"), Some("Z1BKCTXD74EZPE"));
        assert_eq!(hosted_zone_id("mars-north-1"), None);
    }
}
