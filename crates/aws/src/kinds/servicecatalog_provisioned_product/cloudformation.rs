//! A product that is launched as `AWS::ServiceCatalog::CloudFormationProvisionedProduct`.

use provision_engine::cloudformation::{Block, Counterpart, Returned};

use super::IDS_AND_NAMES;

pub(super) const COUNTERPART: Counterpart =
    Counterpart::resource("AWS::ServiceCatalog::CloudFormationProvisionedProduct", provisioned_product)
        .with(&[("id", Returned::Ref), ("last_record_id", Returned::GetAtt("RecordId"))]);

fn provisioned_product(product: &mut Block<'_>) {
    product.rename("name", "ProvisionedProductName");
    for (id, name) in IDS_AND_NAMES {
        product.same(&[id, name]);
    }
    product.blocks("provisioning_parameters", "ProvisioningParameters", |parameter| {
        parameter.same(&["key", "value"]);
    });
    product.same(&["notification_arns"]);
    product.tags();
    product.ours(&["provisioned", "ignore_errors"]);
    product.note(
        "retain_physical_resources",
        "CloudFormation terminates the product with all that is in it when the stack is deleted",
    );
}
