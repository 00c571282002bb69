//! What the calls about a product need.

use provision_engine::permission::{Act, Permission, Undertaking};

use crate::permissions::arn;

pub(super) fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
    let product = arn::regional("catalog", &format!("product/{}", of.id_or_any()));
    let by_name = arn::regional("catalog", "product/*");
    let block = "provisioning_artifact_parameters";
    let artifact = of.attributes.get(block);
    let is_new = of.sets(&[block]);
    let brings_out = of.differs(block) || of.differs("deprecate_earlier_artifacts");
    let deprecates = of.attributes.get("deprecate_earlier_artifacts").as_bool() != Some(false);
    let renames = of.act == Act::Update && !of.only_differs(&[block, "deprecate_earlier_artifacts"]);
    // AWS reads and checks the template as whoever calls.
    let template = artifact.get("template_url");
    let object = template.as_str().and_then(object);
    let reads = is_new && !template.is_null();
    let stack = artifact.get("template_physical_id");
    let any_stack = arn::regional("cloudformation", "stack/*/*");
    let imports = is_new && !stack.is_null();
    of.needs()
        .on(&[Act::Find, Act::Create], &by_name, &["servicecatalog:DescribeProductAsAdmin"])
        .create(&by_name, &["servicecatalog:CreateProduct"])
        .read(
            &product,
            &[
                "servicecatalog:DescribeProductAsAdmin",
                "servicecatalog:ListProvisioningArtifacts",
                "servicecatalog:DescribeProvisioningArtifact",
            ],
        )
        .when(renames, &product, &["servicecatalog:UpdateProduct"])
        .when(
            brings_out,
            &product,
            &["servicecatalog:ListProvisioningArtifacts", "servicecatalog:DescribeProvisioningArtifact"],
        )
        .when(brings_out && deprecates, &product, &["servicecatalog:UpdateProvisioningArtifact"])
        .when(of.differs(block), &product, &["servicecatalog:CreateProvisioningArtifact"])
        .when(is_new, "*", &["cloudformation:ValidateTemplate"])
        .when(reads, &object.unwrap_or_else(|| arn::s3("*/*")), &["s3:GetObject"])
        .when(imports, stack.as_str().unwrap_or(&any_stack), &["cloudformation:GetTemplate"])
        .delete(&product, &["servicecatalog:DeleteProduct"])
        .done()
}

/// The ARN of the object in S3 that a URL leads to.
fn object(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    let path = path.split('?').next()?;
    let bucket = host.find(".s3.").or_else(|| host.find(".s3-")).and_then(|end| host.get(..end));
    Some(match bucket {
        Some(bucket) => arn::s3(&format!("{bucket}/{path}")),
        None => arn::s3(path),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_behind_a_url_is_named() {
        for url in [
            "https://templates.s3.eu-west-1.amazonaws.com/a/b.json",
            "https://s3.eu-west-1.amazonaws.com/templates/a/b.json",
        ] {
            assert_eq!(object(url).as_deref(), Some("arn:${Partition}:s3:::templates/a/b.json"), "{url}");
        }
        assert_eq!(object("templates/a.json"), None);
    }
}
