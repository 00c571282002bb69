//! Objects of S3: their content comes from files and secrets, and goes nowhere but to S3.

use aws_sdk_s3::primitives::ByteStream;
use provision_engine::digest::sha256;
use provision_tests::{World, actions, drift};

use crate::small::{assert_refused, existing};

const ENVIRONMENT: &str = "envs/objects.toml";
const SECRET: &str = "correct horse battery staple";
const APPLY: [&str; 3] = ["apply", ENVIRONMENT, "--auto-approve"];

const TEXT: &str = r#"[env]
name = "objects"
project = "PROJECT"
region = "us-east-1"

[variable.token]
type = "string"
sensitive = true

[resource.aws_s3_bucket.files]
bucket = "${env.project}-files"

[resource.aws_s3_object.page]
bucket = "${aws_s3_bucket.files.bucket}"
key = "page.html"
source = "pages/page.html"

[resource.aws_s3_object.logo]
bucket = "${aws_s3_bucket.files.bucket}"
key = "logo"
source = "DIRECTORY/envs/logo.png"

[resource.aws_s3_object.token]
bucket = "${aws_s3_bucket.files.bucket}"
key = "token"
content = "${var.token}"
"#;

fn world() -> World {
    let world = World::new().with_variable("PROVISION_VAR_token", SECRET);
    let directory = world.directory().display().to_string();
    world.write(ENVIRONMENT, &TEXT.replace("PROJECT", world.project()).replace("DIRECTORY", &directory));
    world.write("envs/pages/page.html", "<h1>first</h1>");
    std::fs::write(world.directory().join("envs/logo.png"), [0xff, 0x00, 0xfe]).unwrap();
    world
}

fn content(world: &World, key: &str) -> Vec<u8> {
    let (s3, bucket) = (world.s3(), format!("{}-files", world.project()));
    world.wait(async move {
        let answer = s3.get_object().bucket(bucket).key(key).send().await.unwrap();
        answer.body.collect().await.unwrap().to_vec()
    })
}

#[test]
fn are_as_their_files_and_are_in_no_state() {
    let world = world();
    let plan = world.succeed(&["plan", ENVIRONMENT]);
    assert!(!plan.stdout.contains("first") && !plan.stdout.contains(SECRET), "{plan}");
    world.succeed(&["apply"]);
    world.assert_no_changes(ENVIRONMENT);
    assert_eq!(content(&world, "page.html"), b"<h1>first</h1>");
    assert_eq!(content(&world, "logo"), [0xff, 0x00, 0xfe]);
    assert_eq!(content(&world, "token"), SECRET.as_bytes());

    let state = world.read(&format!("state/{}-objects.json", world.project()));
    let directory = world.directory().display().to_string();
    let of_secret = sha256(SECRET.as_bytes());
    for hidden in ["first", SECRET, &of_secret, &directory] {
        assert!(!state.contains(hidden), "the state says {hidden}");
    }
    assert!(state.contains(&sha256(b"<h1>first</h1>")), "of what is no secret it has the digest");
    assert!(state.contains("pages/page.html") && state.contains("\"logo.png\""));

    // A plan is made from the files too.
    world.write("envs/pages/page.html", "<h1>second</h1>");
    let changes = actions(&world.plan(&[ENVIRONMENT]));
    let changes: Vec<_> = changes.into_iter().collect();
    assert_eq!(changes, [("aws_s3_object.page".to_owned(), "update".to_owned())]);
    world.write("envs/pages/page.html", "<h1>third</h1>");
    assert_refused(&world.provision(&["apply"]), &["page.html has changed"]);
    world.succeed(&APPLY);
    assert_eq!(content(&world, "page.html"), b"<h1>third</h1>");
    world.assert_no_changes(ENVIRONMENT);
    world.succeed(&["destroy", ENVIRONMENT, "--auto-approve"]);
    assert_eq!(existing(&world), [""; 0]);
}

#[test]
fn are_put_there_again_when_someone_has_overwritten_them() {
    let world = world();
    world.succeed(&APPLY);
    for key in ["page.html", "token"] {
        let (s3, bucket) = (world.s3(), format!("{}-files", world.project()));
        world.wait(async move {
            let put = s3.put_object().bucket(bucket).key(key).body(ByteStream::from_static(b"theirs"));
            put.send().await.unwrap()
        });
    }
    let plan = world.plan(&[ENVIRONMENT]);
    let drifted: Vec<(String, Vec<String>)> = drift(&plan).into_iter().collect();
    let of = |name: &str| (name.to_owned(), vec!["content_sha256".to_owned()]);
    assert_eq!(drifted, [of("aws_s3_object.page"), of("aws_s3_object.token")]);
    world.succeed(&["apply"]);
    assert_eq!(content(&world, "page.html"), b"<h1>first</h1>");
    assert_eq!(content(&world, "token"), SECRET.as_bytes());
    world.assert_no_changes(ENVIRONMENT);
}

#[test]
fn a_file_that_is_missing_is_an_error_where_it_is_named() {
    let world = world();
    std::fs::remove_file(world.directory().join("envs/pages/page.html")).unwrap();
    let refused = world.provision(&["plan", ENVIRONMENT]);
    assert_refused(&refused, &["envs/objects.toml:16:10", "pages/page.html cannot be read"]);
}
