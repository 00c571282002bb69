//! `provision export --format cloudformation`: what a stack of the template has is what an apply would have made, whatever
//! its parameters are.

use std::collections::BTreeSet;

use aws_sdk_kms::Client as Kms;
use aws_sdk_route53::Client as Route53;
use provision_tests::World;

use cfn_lint::assert_finds_nothing;
use comparison::assert_same;
use gaps::NOT_ON_THE_LOCAL_AWS;
use names::pascal;
use sets::{Seen, Set, arguments, as_parameter, default, pseudo};
use stack::Stack;
use template::{Template, Values, export};

mod cfn_lint;
mod comparison;
mod completion;
mod gaps;
mod lacking;
mod names;
mod refusals;
mod resolved;
mod sets;
mod stack;
mod template;

/// Two public keys whose private halves nobody has.
const PUBLIC_KEYS: [&str; 2] = [
    "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEu6yy4ZMuuALyCM0PEO4FJ6AL9Rzl\n\
    v82Kg6Hhjdl6LZfganFBsBtWjUVZv+PvH0oa47Hdc2eXun6X96ob5EBmkQ==\n\
    -----END PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfU16ob4MM5ROqKYL3dDeA/JHhZvp\n\
    ROespsQWrurHiyNp816TJXtLZm8GAkjBcUviymiVKhAIqxPFoWyK/TAhyw==\n\
    -----END PUBLIC KEY-----",
];
const CERTIFICATE: &str =
    "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const PUBLIC_HALF: &str = "Public key of the pair (PEM), such as from `openssl pkey -in KEY.pem -pubout`";
/// What parameters are that not every stack needs.
const NOT_NEEDED: &str = "not-needed";
const NO_KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/not-needed";
const REGION: &str = "This stack has to be in us-east-1: something in it can be nowhere else";

#[test]
fn nothing_is_wrong_with_any_template() {
    let world = World::new();
    let family = ["", "-bucket", "-distribution", "-key-pair", "-private-key", "-role", "-table"];
    let family = family.map(|member| format!("modules/signed-urls{member}"));
    let modules = family.iter().map(String::as_str).chain(["modules/storytime", "modules/ebook-delivery"]);
    let environments = ["envs/dev.toml", "envs/prod.toml", "envs/ebook-delivery/dev.toml"];
    let others = ["envs/ebook-storage/dev.toml", "envs/signed-urls/dev.toml"];
    let templates = environments.into_iter().chain(others).chain(modules).map(|target| {
        // A template cannot calculate with these.
        let variables = arguments(&[("cache_days", "30".to_owned())]);
        export(&world, target, if target == "modules/ebook-delivery" { &variables } else { &[] });
        let path = world.directory().join(format!("{}.yaml", target.replace('/', "-")));
        std::fs::rename(world.directory().join("template.yaml"), &path).unwrap();
        path
    });
    assert_finds_nothing(&templates.collect::<Vec<_>>());
}

#[test]
fn a_stack_of_storytime_for_development_is_what_an_apply_makes() {
    let origins = r#"["https://a.example.com","https://b.example.com"]"#;
    assert_all("envs/dev.toml", |_| {
        vec![
            Set::default(),
            Set::of(&[("admin_origins", origins), ("cloudfront_public_key_pem", PUBLIC_KEYS[0])]),
        ]
    });
    let public_key = "StorytimeKeysGeneratedTlsPrivateKey1PublicKeyPem";
    let private_key = "StorytimeKeysGeneratedTlsPrivateKey1PrivateKeyPem";
    assert_refused(
        "envs/dev.toml",
        &[
            (&format!("{public_key} is needed: {PUBLIC_HALF}"), Set::default().with(public_key, NOT_NEEDED)),
            (
                &format!("{private_key} is needed: Private key of the pair (PEM)"),
                Set::default().with(private_key, NOT_NEEDED),
            ),
        ],
    );
}

#[test]
fn a_stack_of_storytime_for_production_is_what_an_apply_makes() {
    let origins = r#"["https://a.example.com"]"#;
    let [key, previous] = PUBLIC_KEYS;
    let domain = ("domain_name", "cdn.example.com");
    assert_all("envs/prod.toml", |account| {
        let zone = account.zone("example.com");
        vec![
            Set::default(),
            Set::of(&[
                ("admin_origins", origins),
                ("cloudfront_public_key_pem", key),
                ("cloudfront_previous_public_key_pem", previous),
            ]),
            Set::of(&[domain, ("acm_certificate_arn", CERTIFICATE)]),
            Set::of(&[domain, ("hosted_zone_id", &zone)]),
            Set::of(&[domain, ("hosted_zone_name", "example.com")]),
            Set::of(&[domain, ("hosted_zone_name", "example.com"), ("acm_certificate_arn", CERTIFICATE)]),
        ]
    });
    let needs = "a domain needs `acm_certificate_arn`, or `hosted_zone_id` or `hosted_zone_name` to request a \
                 certificate and prove that the domain is yours";
    let excludes = "`hosted_zone_id` and `hosted_zone_name` exclude each other";
    let both = [("hosted_zone_id", "Z0123456789ABCDEFGHIJ"), ("hosted_zone_name", "example.com")];
    let public_key = "StorytimeKeysGeneratedTlsPrivateKey1PublicKeyPem";
    assert_refused(
        "envs/prod.toml",
        &[
            (REGION, Set::default()),
            (needs, Set::of(&[domain])),
            (excludes, Set::of(&both)),
            (&format!("{public_key} is needed: {PUBLIC_HALF}"), Set::default().with(public_key, NOT_NEEDED)),
        ],
    );
}

#[test]
fn a_stack_of_ebook_delivery_is_what_an_apply_makes() {
    let domain = ("domain_name", "books.publisher.com");
    assert_all("envs/ebook-delivery/dev.toml", |account| {
        let zone = account.zone("publisher.com");
        let key = account.key("alias/books");
        vec![
            Set::default(),
            Set::of(&[("domain_name", ""), ("kms_key_alias", "alias/books")])
                .with("EbooksGivenKmsAliasTargetKeyArn", &key),
            Set::of(&[domain, ("hosted_zone_id", &zone)]),
            Set::of(&[domain, ("acm_certificate_arn", CERTIFICATE)]),
            Set::of(&[domain, ("hosted_zone_id", &zone), ("acm_certificate_arn", CERTIFICATE)]),
        ]
    });
    let without = [("domain_name", ""), ("hosted_zone_id", "Z0123456789ABCDEFGHIJ")];
    let key = "EbooksGivenKmsAliasTargetKeyArn";
    let no_key = Set::of(&[("kms_key_alias", "alias/books")]).with(key, NO_KEY);
    assert_refused(
        "envs/ebook-delivery/dev.toml",
        &[
            (REGION, Set::default()),
            ("a zone is for a domain: set `domain_name` too", Set::of(&without)),
            (&format!("{key} is needed: ARN of the KMS key that the alias names"), no_key),
        ],
    );
}

#[test]
fn a_stack_of_ebook_storage_is_what_an_apply_makes() {
    assert_all("envs/ebook-storage/dev.toml", |account| {
        let key = account.key("alias/publishing");
        let alias = ("kms_key_alias", "alias/publishing");
        vec![
            Set::default(),
            Set::of(&[("enable_logging", "false")]),
            Set::of(&[alias]).with("StorageExternalKmsAliasTargetKeyArn", &key),
        ]
    });
    let key = "StorageExternalKmsAliasTargetKeyArn";
    let no_key = Set::of(&[("kms_key_alias", "alias/publishing")]).with(key, NO_KEY);
    let message = format!("{key} is needed: ARN of the KMS key that the alias names");
    assert_refused("envs/ebook-storage/dev.toml", &[(&message, no_key)]);
}

#[test]
fn a_stack_of_signed_urls_is_what_an_apply_makes() {
    let origins = r#"["https://a.example.com","https://b.example.com"]"#;
    let (domain, certificate) =
        (("custom_domain_name", "cdn.example.com"), ("acm_certificate_arn", CERTIFICATE));
    assert_all("envs/signed-urls/dev.toml", |account| {
        let (zone, bucket) = (account.zone("example.com"), format!("{}-files", account.0.project()));
        vec![
            Set::default(),
            Set::of(&[("bucket_name", &bucket), ("include_table", "false"), ("upload_origins", origins)]),
            Set::of(&[domain, certificate, ("upload_origins", "[]")]),
            Set::of(&[domain, certificate, ("hosted_zone_id", &zone)]),
        ]
    });
    let message = "a domain needs `acm_certificate_arn`, and a certificate a domain";
    let sets = [(message, Set::of(&[domain])), (message, Set::of(&[certificate]))];
    assert_refused("envs/signed-urls/dev.toml", &sets);
}

/// Somebody's account before there is a stack.
struct Account<'w>(&'w World);

impl Account<'_> {
    /// The id of a zone that was made for a domain.
    fn zone(&self, domain: &str) -> String {
        let made = self.0.wait(async {
            let route53 = Route53::new(&self.0.sdk());
            route53.create_hosted_zone().name(domain).caller_reference("a story").send().await.unwrap()
        });
        made.hosted_zone().unwrap().id().trim_start_matches("/hostedzone/").to_owned()
    }

    /// The ARN of a key that was made, and that has this alias.
    fn key(&self, alias: &str) -> String {
        self.0.wait(async {
            let kms = Kms::new(&self.0.sdk());
            let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
            kms.create_alias().alias_name(alias).target_key_id(key.key_id()).send().await.unwrap();
            key.arn.unwrap()
        })
    }
}

/// Every set in an account of its own; in all of them together, every condition holds and does not hold, and every
/// parameter has its default and something else.
fn assert_all(environment: &str, sets: impl Fn(&Account<'_>) -> Vec<Set>) {
    let mut seen = Seen::default();
    let mut position = 0;
    loop {
        let world = World::new();
        let Some(set) = sets(&Account(&world)).into_iter().nth(position) else { break };
        let template = export(&world, environment, &[]);
        assert_same(&world, environment, &template, &set, &mut seen);
        position += 1;
    }
    seen.assert_everything();
}

/// Each of these sets breaks a rule, and there is no rule that none of them breaks. What is about variables is refused by
/// a plan too.
fn assert_refused(environment: &str, sets: &[(&str, Set)]) {
    let world = World::new();
    let template = export(&world, environment, &[]);
    let sent = without_what_is_lacking(&template);
    for (message, set) in sets {
        let region = if *message == REGION { "eu-west-1" } else { "us-east-1" };
        let mut given = Values::new();
        for (name, definition) in template.parameters() {
            let variable = set.variables.iter().find(|(variable, _)| pascal(variable) == *name);
            let other = set.others.iter().find(|(other, _)| other == name);
            let default = default(definition).filter(|default| ![NOT_NEEDED, NO_KEY].contains(&&**default));
            let value = variable.or(other).map(|(_, value)| as_parameter(value)).or(default);
            given.insert(name.clone(), value.unwrap_or_else(|| "anything".to_owned()));
        }
        let mut values = pseudo(&world, region);
        values.extend(given.clone());
        assert_eq!(template.broken_rules(&values), [*message]);
        let refused = Stack::create(&world, region, &sent, &given).err().expect("the stack is refused");
        assert!(refused.contains(message), "{refused}");
        if region == "us-east-1" && set.others.is_empty() {
            let arguments = arguments(&set.variables);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let planned = world.provision(&[&["plan", environment], &*arguments].concat());
            assert_eq!(planned.code, Some(1), "{planned}");
            assert!(planned.stderr.contains(message), "{planned}");
        }
    }
    let broken: BTreeSet<String> = sets.iter().map(|(message, _)| (*message).to_owned()).collect();
    assert_eq!(broken, template.rules());
}

fn without_what_is_lacking(template: &Template) -> String {
    let lacking = |r#type: &str| NOT_ON_THE_LOCAL_AWS.contains(&r#type);
    let ids: BTreeSet<String> = (template.resources())
        .filter(|(_, resource)| lacking(resource["Type"].as_str().unwrap()))
        .map(|(id, _)| id.clone())
        .collect();
    template.without(&ids, &|id, _| ids.contains(id).then(|| "none".to_owned())).to_string()
}
