//! What a certificate needs to be permitted.

use provision_engine::permission::{Act, Permission, Undertaking};

use crate::permissions::arn;

pub(super) fn needed(of: Undertaking<'_>) -> Vec<Permission> {
    let every = arn::regional("acm", "certificate/*");
    let certificate = of.id.unwrap_or(&every);
    let is_imported = of.has("certificate_body");
    let renews = of.act == Act::Update && of.has("early_renewal_duration");
    let is_replaced = of.differs("certificate_body") || of.differs("certificate_chain");
    of.needs()
        .find("*", &["acm:ListCertificates"])
        .find(&every, &["acm:ListTagsForCertificate"])
        .read(certificate, &["acm:DescribeCertificate", "acm:ListTagsForCertificate"])
        .when(of.act == Act::Read && is_imported, certificate, &["acm:GetCertificate"])
        .when(of.act == Act::Create && !is_imported, "*", &["acm:RequestCertificate"])
        .when(of.act == Act::Create && is_imported, certificate, &["acm:ImportCertificate"])
        // One tag tells which create has made the certificate.
        .create(certificate, &["acm:AddTagsToCertificate"])
        .change(certificate, &["acm:DescribeCertificate"])
        .when(of.act == Act::Update && is_replaced, certificate, &["acm:ImportCertificate"])
        .when(of.act == Act::Update && of.differs("options"), certificate, &["acm:UpdateCertificateOptions"])
        .when(of.act == Act::Update && of.adds("tags"), certificate, &["acm:AddTagsToCertificate"])
        .when(of.drops("tags"), certificate, &["acm:RemoveTagsFromCertificate"])
        .when(renews, certificate, &["acm:RenewCertificate"])
        .delete(certificate, &["acm:DeleteCertificate"])
        .done()
}
