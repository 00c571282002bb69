//! Route 53: zones.

use super::{Call, Need};

pub(super) fn needs(call: &Call<'_>) -> Vec<Need> {
    let segments = call.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let resource = match parts[..] {
        ["hostedzone", id, ..] => format!("arn:aws:route53:::hostedzone/{id}"),
        ["tags", kind, id] => format!("arn:aws:route53:::{kind}/{id}"),
        ["healthcheck", id] => format!("arn:aws:route53:::healthcheck/{id}"),
        ["change", id] => format!("arn:aws:route53:::change/{id}"),
        _ => "*".to_owned(),
    };
    let mut needs = vec![call.own(resource)];
    let has_vpc = String::from_utf8_lossy(call.request.body()).contains("<VPC>");
    if has_vpc {
        needs.push(Need::new("ec2:DescribeVpcs", "*"));
    }
    needs
}
