//! Objects that are put, got back, and removed.

use std::sync::{Arc, OnceLock};

use aws_sdk_s3::primitives::ByteStream;
use provision_tests::World;

use crate::environment::{BUCKET, apply, finding, world};
use crate::server::Server;

fn check(more: &str) -> String {
    format!(
        "{BUCKET}[check.upload]\ndescription = \"Files can be uploaded\"\n[check.upload.s3]\nbucket = \"${{aws_s3_bucket.files.bucket}}\"\nkey = \"checks/a b+ü.txt\"\n{more}"
    )
}

const KEY: &str = "checks/a b+ü.txt";

fn bucket(world: &World) -> String {
    format!("{}-files", world.project())
}

/// The keys of all versions, and of all marks that something was deleted.
fn versions(world: &World) -> Vec<String> {
    let s3 = world.s3();
    let list = world.wait(s3.list_object_versions().bucket(bucket(world)).send()).unwrap();
    let versions = list.versions().iter().filter_map(|version| version.key());
    let marks = list.delete_markers().iter().filter_map(|mark| mark.key());
    versions.chain(marks).map(str::to_owned).collect()
}

fn put(world: &World, content: &'static str, mark: Option<&str>) {
    let s3 = world.s3();
    let request =
        s3.put_object().bucket(bucket(world)).key(KEY).body(ByteStream::from_static(content.as_bytes()));
    let marks = mark.map(|mark| [("provision-check".to_owned(), mark.to_owned())].into());
    world.wait(request.set_metadata(marks).send()).unwrap();
}

#[test]
fn an_object_is_put_got_and_removed() {
    for (presigned, how) in
        [("", ""), ("presigned = true\ncontent_type = \"text/plain\"\n", " by presigned URLs")]
    {
        let world = world(&check(presigned));
        apply(&world);
        let (result, reasons) = finding(&world, "upload");
        let [reason] = &reasons[..] else { panic!("{reasons:?}") };
        assert_eq!(result, "passed", "{reasons:?}");
        assert!(reason.starts_with(&format!("put and got s3://{}/{KEY}{how}", bucket(&world))), "{reason}");
        assert_eq!(versions(&world), [""; 0], "nothing is left, no version either");
    }
}

#[test]
fn an_object_that_is_there_is_left_alone() {
    for presigned in ["", "presigned = true\n"] {
        let world = world(&check(presigned));
        apply(&world);
        put(&world, "somebody's", None);
        let (result, reasons) = finding(&world, "upload");
        assert_eq!(result, "failed");
        let why = format!(
            "s3://{}/{KEY} cannot be put: there is one of that key already, which is left alone",
            bucket(&world)
        );
        assert_eq!(reasons, [why]);
        let s3 = world.s3();
        let object = world.wait(s3.get_object().bucket(bucket(&world)).key(KEY).send()).unwrap();
        let content = world.wait(object.body.collect()).unwrap().to_vec();
        assert_eq!(content, b"somebody's");
        assert_eq!(versions(&world).len(), 1);
    }
}

#[test]
fn what_a_run_that_was_killed_has_left_is_removed() {
    let world = world(&check(""));
    apply(&world);
    put(&world, "left behind", Some("of another run"));
    assert_eq!(finding(&world, "upload").0, "passed");
    assert_eq!(versions(&world), [""; 0]);
}

#[test]
fn a_bucket_that_is_not_there_fails_the_check() {
    for presigned in ["", "presigned = true\n"] {
        let world = world(
            &check(presigned).replace("${aws_s3_bucket.files.bucket}", "nobody-has-this-${env.project}"),
        );
        apply(&world);
        let (result, reasons) = finding(&world, "upload");
        assert_eq!(result, "failed");
        assert!(reasons[0].contains("cannot be put: NoSuchBucket"), "{reasons:?}");
    }
}

#[test]
fn encryption_is_what_it_must_be_or_it_is_said_what_it_is() {
    let key = r#"
[resource.aws_kms_key.files]
description = "Files"
deletion_window_in_days = 7
"#;
    let rule = "\n[resource.aws_s3_bucket.files.server_side_encryption_configuration.rule]\napply_server_side_encryption_by_default = { sse_algorithm = \"aws:kms\", kms_master_key_id = \"${aws_kms_key.files.arn}\" }\n";
    for presigned in ["", "presigned = true\n"] {
        let expected = "expect_server_side_encryption = \"aws:kms\"\nexpect_kms_key_arn = \"${aws_kms_key.files.arn}\"\n";
        let world = world(&format!("{}{key}{rule}", check(&format!("{presigned}{expected}"))));
        apply(&world);
        let (result, reasons) = finding(&world, "upload");
        assert_eq!(result, "passed", "{reasons:?}");
        assert!(reasons[0].ends_with(", encrypted (aws:kms)"), "{reasons:?}");
        world.edit(crate::environment::ENVIRONMENT, "encryption = \"aws:kms\"", "encryption = \"AES256\"");
        let (result, reasons) = finding(&world, "upload");
        assert_eq!(result, "failed");
        assert!(reasons[0].ends_with("is encrypted with aws:kms, not AES256"), "{reasons:?}");
        assert_eq!(versions(&world), [""; 0], "removed after a failure too");
    }
}

#[test]
fn an_object_is_there_while_requests_are_sent_and_removed_although_one_fails() {
    let s3: Arc<OnceLock<(aws_sdk_s3::Client, String)>> = Arc::default();
    let seen = s3.clone();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server::new(move |request, _| {
        let (client, bucket) = seen.get().unwrap();
        let key = request.target.trim_start_matches('/');
        let found = runtime.block_on(client.head_object().bucket(bucket).key(key).send());
        (if found.is_ok() { 200 } else { 404 }, vec![], String::new())
    });
    let url = &server.url;
    let text = check("").replace(KEY, "a.txt");
    let world = world(&format!(
        "{text}[[check.upload.http]]\nurl = \"{url}/a.txt\"\n[[check.upload.http]]\nurl = \"{url}/b.txt\"\nattempts = 1\n"
    ));
    s3.set((world.s3(), bucket(&world))).unwrap();
    apply(&world);
    let (result, reasons) = finding(&world, "upload");
    assert_eq!(
        (result.as_str(), reasons),
        ("failed", vec![format!("GET {url}/b.txt answered 404, not 200")])
    );
    assert_eq!(server.requests().len(), 2);
    assert_eq!(versions(&world), [""; 0]);
}
