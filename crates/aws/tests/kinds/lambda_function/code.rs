//! The code of a function: what is a change of it, and what is sent then.

use std::path::Path;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use serde_json::json;

use super::{KIND, called, function, ready, role};
use crate::lab::Lab;

/// A directory that is gone at the end of its test.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new(files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("provision-lambda-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        for (name, content) in files {
            std::fs::write(path.join(name), content).unwrap();
        }
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const CODE: &str = "def handler(event, context):\n    return 1\n";

#[tokio::test]
async fn is_sent_when_it_has_changed_and_only_then() {
    let lab = Lab::new().await;
    let lambda = Client::new(&lab.sdk);
    let (_role, role_arn) = role(&lab, "reporter").await;
    let source = Directory::new(&[("index.py", CODE)]);
    let configuration = |directory: &Directory, timeout: i32| {
        let mut configuration =
            function(&role_arn, json!({ "function_name": "counter", "timeout": timeout }));
        configuration["zip_file"] = json!(null);
        configuration["source_dir"] = json!(directory.path());
        configuration
    };
    let mut reporter = lab.resource(KIND);
    reporter.create(configuration(&source, 30)).await;
    let state = reporter.attributes.to_json().to_string();
    assert!(!state.contains(source.path()), "the state knows no place of this machine: {state}");

    let moved = Directory::new(&[("index.py", CODE)]);
    reporter.unchanged(configuration(&moved, 30));

    reporter.update(configuration(&moved, 20)).await;
    assert_eq!(called(&lab, "UpdateFunctionCode").await, 0, "the code is the same");
    let configured = called(&lab, "UpdateFunctionConfiguration").await;

    std::fs::write(moved.0.join("index.py"), CODE.replace('1', "2")).unwrap();
    reporter.update(configuration(&moved, 20)).await;
    assert_eq!(called(&lab, "UpdateFunctionConfiguration").await, configured, "only the code is another");
    ready(&lambda, "counter").await;
    let answer = lambda.invoke().function_name("counter").send().await.unwrap();
    assert_eq!(answer.payload.unwrap().into_inner(), b"2");
    reporter.delete().await;
}

#[tokio::test]
async fn that_was_changed_from_outside_is_put_back() {
    let lab = Lab::new().await;
    let lambda = Client::new(&lab.sdk);
    let (_role, role_arn) = role(&lab, "reporter").await;
    let mut reporter = lab.resource(KIND);
    let configuration = function(&role_arn, json!({ "timeout": 30 }));
    reporter.create(configuration.clone()).await;
    let digest = reporter.attributes.get("source_code_hash").clone();

    ready(&lambda, "reporter").await;
    let strange = Directory::new(&[("index.py", CODE)]);
    let package = zipped(&strange.0.join("index.py"));
    lambda
        .update_function_code()
        .function_name("reporter")
        .zip_file(Blob::new(package))
        .send()
        .await
        .unwrap();
    reporter.repair_drift(configuration, &["source_code_hash"]).await;
    assert_eq!(*reporter.attributes.get("source_code_hash"), digest);
    let there = lambda.get_function_configuration().function_name("reporter").send().await.unwrap();
    assert_eq!(there.code_sha256(), digest.as_str());
    reporter.delete().await;
}

/// A package that no kind has made.
fn zipped(file: &Path) -> Vec<u8> {
    let script = "import io, sys, zipfile\n\
                  out = io.BytesIO()\n\
                  with zipfile.ZipFile(out, 'w') as package: package.write(sys.argv[1], 'index.py')\n\
                  sys.stdout.buffer.write(out.getvalue())";
    let made = std::process::Command::new("python3").args(["-c", script]).arg(file).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

#[tokio::test]
async fn can_lie_in_a_bucket() {
    let lab = Lab::new().await;
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&lab.sdk).force_path_style(true).build(),
    );
    let bucket = format!("packages-{}", lab.account());
    s3.create_bucket().bucket(&bucket).send().await.unwrap();
    let source = Directory::new(&[("index.py", CODE)]);
    let upload = async |key: &str, content: &str| {
        std::fs::write(source.0.join("index.py"), content).unwrap();
        let package = zipped(&source.0.join("index.py"));
        s3.put_object().bucket(&bucket).key(key).body(package.into()).send().await.unwrap();
    };
    upload("1.zip", CODE).await;
    upload("2.zip", &CODE.replace('1', "2")).await;
    let (_role, role_arn) = role(&lab, "reporter").await;
    let configuration = |key: &str| {
        let mut configuration = function(&role_arn, json!({ "s3_bucket": bucket, "s3_key": key }));
        configuration["zip_file"] = json!(null);
        configuration
    };
    let mut reporter = lab.resource(KIND);
    reporter.create(configuration("1.zip")).await;
    let first = reporter.attributes.get("code_sha256").clone();
    reporter.update(configuration("2.zip")).await;
    assert_ne!(*reporter.attributes.get("code_sha256"), first, "the other package is deployed");
    reporter.update(function(&role_arn, json!({}))).await;
    reporter.delete().await;
}

#[tokio::test]
async fn can_be_an_image() {
    let lab = Lab::new().await;
    let (_role, role_arn) = role(&lab, "reporter").await;
    let image = |tag: &str, command: &str| {
        json!({
            "function_name": "reporter",
            "role": role_arn,
            "package_type": "Image",
            "image_uri": format!("{}.dkr.ecr.us-east-1.amazonaws.com/reporter:{tag}", lab.account()),
            "image_config": { "command": [command] },
        })
    };
    let mut reporter = lab.resource(KIND);
    reporter.create(image("1", "index.handler")).await;
    reporter.update(image("2", "index.other")).await;
    let mut plain = image("2", "");
    plain["image_config"] = json!(null);
    reporter.update(plain).await;
    reporter.replaces(function(&role_arn, json!({})), &["package_type"]);
    reporter.delete().await;
}

#[tokio::test]
async fn is_published_with_each_change() {
    let lab = Lab::new().await;
    let lambda = Client::new(&lab.sdk);
    let (_role, role_arn) = role(&lab, "reporter").await;
    let published = |timeout: i32| function(&role_arn, json!({ "publish": true, "timeout": timeout }));
    let mut reporter = lab.resource(KIND);
    reporter.create(published(30)).await;
    assert_eq!(reporter.attributes.get("version").as_str(), Some("1"));
    let arn = reporter.attributes.get("qualified_arn").as_str().unwrap().to_owned();
    assert!(arn.ends_with(":function:reporter:1"), "{arn}");
    reporter.update(published(20)).await;
    let version = reporter.attributes.get("version").as_str().unwrap().to_owned();
    let there = lambda.get_function_configuration().function_name("reporter").qualifier(&version);
    assert_eq!(there.send().await.unwrap().timeout(), Some(20), "the last version has the change");

    // As a run leaves it that ends between the change and its publication.
    ready(&lambda, "reporter").await;
    let change = lambda.update_function_configuration().function_name("reporter").timeout(10);
    change.send().await.unwrap();
    reporter.update(published(10)).await;
    let later = reporter.attributes.get("version").as_str().unwrap().to_owned();
    assert_ne!(later, version, "the change is published");

    reporter.update(function(&role_arn, json!({ "timeout": 10 }))).await;
    assert_eq!(reporter.attributes.get("version").as_str(), Some("$LATEST"));
    reporter.update(published(10)).await;
    reporter.delete().await;
}
