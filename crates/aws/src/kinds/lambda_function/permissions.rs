//! What a function needs to be permitted.

use provision_engine::permission::{Act, Needs, Permission, Undertaking};

use crate::permissions::arn;

pub(super) fn needed(of: Undertaking<'_>) -> Vec<Permission> {
    let function = arn::regional("lambda", &format!("function:{}", of.text_or_any("function_name")));
    let is_kept = of.attributes.get("skip_destroy").as_bool() == Some(true);
    let is_zipped = of.text("package_type").is_none_or(|kind| kind == "Zip");
    let is_updated = of.act == Act::Update;
    let is_reserved = of.attributes.get("reserved_concurrent_executions").as_i64() != Some(-1);
    let reserves = of.sets(&["reserved_concurrent_executions"]);
    let needs = of
        .needs()
        .on(&[Act::Find, Act::Read, Act::Create], &function, &["lambda:GetFunction"])
        .when(of.act == Act::Read && is_zipped, &function, &["lambda:GetFunctionCodeSigningConfig"])
        .when(of.act == Act::Read && of.has("publish"), &function, &["lambda:ListVersionsByFunction"])
        .create(&function, &["lambda:CreateFunction"])
        .update(&function, &["lambda:GetFunction"])
        .when(is_updated && configures(&of), &function, &["lambda:UpdateFunctionConfiguration"])
        .when(is_updated && replaces_code(&of), &function, &["lambda:UpdateFunctionCode"])
        .when(is_updated && publishes(&of), &function, &["lambda:PublishVersion"])
        .when(reserves && is_reserved, &function, &["lambda:PutFunctionConcurrency"])
        .when(is_updated && reserves && !is_reserved, &function, &["lambda:DeleteFunctionConcurrency"])
        .tagging(&function, "lambda:TagResource", "lambda:UntagResource")
        .when(of.act == Act::Delete && !is_kept, &function, &["lambda:DeleteFunction"]);
    helped(needs, of, &function).done()
}

/// The arguments that tell other code.
const CODE: [&str; 7] = [
    "architectures",
    "image_uri",
    "s3_bucket",
    "s3_key",
    "s3_object_version",
    "source_code_hash",
    "source_kms_key_arn",
];

/// Those that neither an update of the configuration nor one of the code is sent for.
const ELSEWHERE: [&str; 8] = [
    "code_signing_config_arn",
    "filename",
    "publish",
    "publish_to",
    "reserved_concurrent_executions",
    "skip_destroy",
    "tags",
    "zip_file",
];

/// Whether an update sends another configuration.
fn configures(of: &Undertaking<'_>) -> bool {
    !of.only_differs(&[&CODE[..], &ELSEWHERE[..]].concat())
}

/// Whether an update sends other code.
fn replaces_code(of: &Undertaking<'_>) -> bool {
    CODE.iter().any(|name| of.differs(name))
}

/// Whether an update publishes a version.
fn publishes(of: &Undertaking<'_>) -> bool {
    of.has("publish") && (of.differs("publish") || configures(of) || replaces_code(of))
}

/// What Lambda does for whoever creates or changes a function, and asks them to be permitted.
fn helped<'a>(needs: Needs<'a>, of: Undertaking<'a>, function: &str) -> Needs<'a> {
    let is_new = |name: &str| of.act == Act::Create || (of.act == Act::Update && of.differs(name));
    let given = |name: &str| is_new(name) && of.has(name);
    let roles = if given("role") { arn::roles(&of, of.attributes.get("role")) } else { Vec::new() };
    let mut needs = arn::passing(needs, &roles, "lambda");
    for layer in of.attributes.get("layers").items().iter().filter(|_| given("layers")) {
        let any = || arn::regional("lambda", "layer:*:*");
        let layer = layer.as_str().map_or_else(any, str::to_owned);
        needs = needs.change(&layer, &["lambda:GetLayerVersion"]);
    }
    if let Some(config) = of.text("code_signing_config_arn") {
        let (is_set, signing) = (given("code_signing_config_arn"), "lambda:PutFunctionCodeSigningConfig");
        needs = needs.when(is_set && of.act == Act::Update, config, &[signing]);
        needs = needs.when(is_set && of.act == Act::Update, function, &[signing]);
    }
    let is_unsigned = of.act == Act::Update && of.differs("code_signing_config_arn");
    let package = arn::s3(&format!("{}/{}", of.text_or_any("s3_bucket"), of.text_or_any("s3_key")));
    let fetches =
        of.has("s3_bucket") && (of.act == Act::Create || of.act == Act::Update && replaces_code(&of));
    let fetch = if of.has("s3_object_version") { "s3:GetObjectVersion" } else { "s3:GetObject" };
    let network = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
    let key = arn::key(of.attributes.get("kms_key_arn"));
    needs
        .when(
            is_unsigned && !of.has("code_signing_config_arn"),
            function,
            &["lambda:DeleteFunctionCodeSigningConfig"],
        )
        .when(fetches, &package, &[fetch])
        .when(given("vpc_config"), "*", &network)
        .when(given("kms_key_arn"), &key, &["kms:CreateGrant", "kms:Encrypt"])
        .when(of.act == Act::Read && of.has("kms_key_arn"), &key, &["kms:Decrypt"])
}
