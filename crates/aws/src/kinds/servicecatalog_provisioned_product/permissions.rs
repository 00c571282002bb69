//! What the calls about a provisioned product need. Most cannot be limited to one. What is left of a failed launch is
//! terminated if that is permitted; a launch does not need it.

use provision_engine::permission::{Act, Permission, Undertaking};

use crate::permissions::arn;

pub(super) fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
    let product = arn::regional("catalog", &format!("product/{}", of.text_or_any("product_id")));
    // Service Catalog names the stacks that it makes.
    let stack = arn::regional("cloudformation", "stack/SC-${Account}-*/*");
    let by_name = of.act == Act::Read && of.has("provisioning_artifact_name");
    of.needs()
        .find("*", &["servicecatalog:DescribeProvisionedProduct"])
        .read(
            "*",
            &[
                "servicecatalog:DescribeProvisionedProduct",
                "servicecatalog:DescribeRecord",
                "servicecatalog:GetProvisionedProductOutputs",
            ],
        )
        .when(by_name, &product, &["servicecatalog:DescribeProvisioningArtifact"])
        .create(&product, &["servicecatalog:ProvisionProduct"])
        .update("*", &["servicecatalog:UpdateProvisionedProduct"])
        .delete("*", &["servicecatalog:TerminateProvisionedProduct"])
        .on(
            &[Act::Create, Act::Update, Act::Delete],
            "*",
            &["servicecatalog:DescribeProvisionedProduct", "servicecatalog:DescribeRecord"],
        )
        .create(&stack, &["cloudformation:CreateStack"])
        .update(&stack, &["cloudformation:UpdateStack"])
        .delete(&stack, &["cloudformation:DeleteStack"])
        .done()
}
