//! A small environment whose state is in S3, and what is in its bucket.

use aws_sdk_s3::Client;
use provision_tests::World;
use serde_json::Value;

pub(crate) const SMALL: &str = "envs/small.toml";
pub(crate) const APPLY: [&str; 3] = ["apply", SMALL, "--auto-approve"];

/// A queue of MediaConvert would do as well: something with a name, made by one call and changed by another.
const TEXT: &str = r#"[env]
name = "small"
project = "PROJECT"
region = "us-east-1"

[variable.days]
type = "number"
default = 30

[resource.aws_cloudwatch_log_group.first]
name = "/story/first"
retention_in_days = "${var.days}"

[resource.terraform_data.mark]
input = "${aws_cloudwatch_log_group.first.retention_in_days}"

[resource.aws_cloudwatch_log_group.second]
name = "/story/second-${terraform_data.mark.output}"

[output.days]
value = "${var.days}"
"#;

/// A world with the small environment in it, whose state is in S3.
pub(crate) fn world(table: bool) -> World {
    let world = World::new();
    world.write(SMALL, &TEXT.replace("PROJECT", world.project()));
    world.with_state_in_s3(&[SMALL], table)
}

/// The object of the state, without and with something behind it.
pub(crate) fn key(world: &World, suffix: &str) -> String {
    format!("{}/small.json{suffix}", world.project())
}

/// What an object of the bucket of states has been, the oldest first.
pub(crate) fn versions(world: &World, key: &str) -> Vec<String> {
    let s3 = s3(world);
    let bucket = world.state_bucket();
    world.wait(async {
        let mut versions = Vec::new();
        let mut all = list(&s3, &bucket, key).await;
        all.retain(|(name, _)| name == key);
        for (_, id) in all.into_iter().rev() {
            let object = s3.get_object().bucket(&bucket).key(key).version_id(id).send().await.unwrap();
            let bytes = object.body.collect().await.unwrap().to_vec();
            versions.push(String::from_utf8(bytes).unwrap());
        }
        versions
    })
}

/// Every state that was ever written.
pub(crate) fn states(world: &World) -> Vec<Value> {
    let texts = versions(world, &key(world, ""));
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// The state as it is.
pub(crate) fn state(world: &World) -> Value {
    states(world).pop().unwrap_or_default()
}

/// The lock, if there is one.
pub(crate) fn lock(world: &World) -> Option<Value> {
    let (s3, bucket, key) = (s3(world), world.state_bucket(), key(world, ".lock"));
    world.wait(async {
        let object = s3.get_object().bucket(bucket).key(key).send().await.ok()?;
        let bytes = object.body.collect().await.unwrap().to_vec();
        Some(serde_json::from_slice(&bytes).unwrap())
    })
}

/// A client of S3 for emulators.
pub(crate) fn s3(world: &World) -> Client {
    let configuration = aws_sdk_s3::config::Builder::from(&world.sdk()).force_path_style(true).build();
    Client::from_conf(configuration)
}

/// The keys and ids of all versions whose key begins so, the newest first.
async fn list(s3: &Client, bucket: &str, prefix: &str) -> Vec<(String, String)> {
    let (mut found, mut key_marker, mut version_marker) = (Vec::new(), None, None);
    loop {
        let list = s3.list_object_versions().bucket(bucket).prefix(prefix);
        let list = list.set_key_marker(key_marker).set_version_id_marker(version_marker);
        let page = list.send().await.unwrap();
        found.extend(page.versions().iter().map(|version| {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            (text(version.key()), text(version.version_id()))
        }));
        if page.is_truncated() != Some(true) {
            return found;
        }
        key_marker = page.next_key_marker().map(str::to_owned);
        version_marker = page.next_version_id_marker().map(str::to_owned);
    }
}

/// The log groups that exist, by name.
pub(crate) fn log_groups(world: &World) -> Vec<String> {
    let groups = world.resources().into_iter().filter(|resource| resource.kind == "log_group");
    groups.map(|resource| resource.id).collect()
}

/// Waits for a condition, and fails if it does not come true.
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) {
    let begin = std::time::Instant::now();
    while !condition() {
        assert!(begin.elapsed().as_secs() < 60, "it comes true within a minute");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
