//! What a certificate is in CloudFormation.
//!
//! There, a certificate makes the records by itself that prove its domains, and is there when it is issued. So a
//! record that is made of its `domain_validation_options` is a part of it: the name of such a record is a sign, by
//! which the record finds the certificate, and its value is that sign and the domain that it proves.

use provision_engine::cloudformation::{Block, Counterpart, Returned, table};
use provision_engine::value::Value;

/// The attribute whose reference is the sign.
pub(in crate::kinds) const PROOF: &str = "resource_record_name";

pub(super) const COUNTERPART: Counterpart =
    Counterpart::resource("AWS::CertificateManager::Certificate", certificate).with(&[
        ("id", Returned::Ref),
        ("arn", Returned::Ref),
        ("domain_validation_options", Returned::Structure(proofs)),
        (PROOF, Returned::Sign),
        (
            "type",
            Returned::Known(|certificate| {
                let is_private = !certificate.get("certificate_authority_arn").is_null();
                Some(if is_private { "PRIVATE" } else { "AMAZON_ISSUED" }.into())
            }),
        ),
    ]);

fn certificate(certificate: &mut Block<'_>) {
    for name in ["certificate_body", "certificate_chain", "private_key"] {
        certificate.refuse(name, "import the certificate yourself, and hand its ARN over");
    }
    certificate.refuse("early_renewal_duration", "ACM renews a certificate by itself 60 days before its end");
    certificate.same(&["domain_name", "subject_alternative_names", "validation_method"]);
    certificate.same(&["key_algorithm", "certificate_authority_arn"]);
    certificate.blocks("validation_option", "DomainValidationOptions", |option| {
        option.same(&["domain_name", "validation_domain"]);
    });
    certificate.within("options", |options| {
        options.same(&["certificate_transparency_logging_preference"]);
        options.rename("export", "CertificateExport");
    });
    certificate.tags();
}

/// The records that prove the domains, as far as a template has them.
fn proofs(certificate: &Value, attribute: &dyn Fn(&str) -> Value) -> Value {
    if certificate.get("validation_method").as_str() != Some("DNS") {
        return Value::List(Vec::new());
    }
    let domain = certificate.get("domain_name");
    let more = certificate.get("subject_alternative_names").items().iter().filter(|name| *name != domain);
    let sign = attribute(PROOF);
    let proof = |domain: &Value| {
        let value = [&sign, domain].into_iter().filter_map(Value::as_str).collect::<String>();
        table([
            ("domain_name", domain.clone()),
            (PROOF, sign.clone()),
            ("resource_record_type", "CNAME".into()),
            ("resource_record_value", value.into()),
        ])
    };
    Value::List([domain].into_iter().chain(more).map(proof).collect())
}

/// The domain that a record of that name and value proves.
pub(in crate::kinds) fn proven<'a>(name: &Value, value: &'a Value) -> Option<&'a str> {
    value.as_str()?.strip_prefix(name.as_str()?).filter(|domain| !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_tells_the_domain_that_it_proves() {
        let certificate = |method: &str| {
            table([
                ("domain_name", "example.com".into()),
                (
                    "subject_alternative_names",
                    Value::List(vec!["example.com".into(), "*.example.com".into()]),
                ),
                ("validation_method", method.into()),
            ])
        };
        let sign = |attribute: &str| format!("<{attribute}>").into();
        let proofs_of = |method: &str| proofs(&certificate(method), &sign);
        let proofs = proofs_of("DNS");
        let domains = proofs.items().iter().map(|proof| {
            assert_eq!(proof.get(PROOF), &sign(PROOF));
            let domain = proven(proof.get(PROOF), proof.get("resource_record_value"));
            assert_eq!(domain, proof.get("domain_name").as_str());
            domain
        });
        assert_eq!(domains.collect::<Vec<_>>(), [Some("example.com"), Some("*.example.com")]);
        assert_eq!(proofs_of("EMAIL"), Value::List(Vec::new()));
        assert_eq!(proven(&sign(PROOF), &"_x.acm-validations.aws".into()), None, "any other record");
    }
}
