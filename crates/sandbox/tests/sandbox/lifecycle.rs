//! Starting, emptying and ending a sandbox.

use provision_sandbox::{Effect, Fault, Options, Sandbox};

use crate::aws::{Aws, directory};

#[tokio::test]
async fn a_reset_sandbox_is_a_new_one_and_a_stopped_one_is_gone() {
    let sandbox = Sandbox::start(Options::new(directory())).await.unwrap();
    let environment = sandbox.environment();
    let value = |name: &str| environment.iter().find(|(found, _)| *found == name).unwrap().1.clone();
    assert_eq!(value("AWS_ENDPOINT_URL"), sandbox.endpoint());
    let own = Aws::at(sandbox.endpoint(), &value("AWS_ACCESS_KEY_ID"));
    own.rest("s3", "PUT", "/bucket-one", "").await.done();
    own.rest("mediaconvert", "POST", "/2017-08-29/queues", r#"{"name":"q"}"#).await.done();
    assert_eq!(sandbox.resources().await.unwrap().len(), 2);
    assert_eq!(sandbox.resources_of("111122223333").await.unwrap(), []);
    sandbox.inject(Fault::new(Effect::Throttle));

    sandbox.reset().await.unwrap();
    assert_eq!((sandbox.calls().len(), sandbox.held()), (0, 0));
    own.rest("s3", "HEAD", "/bucket-one", "").await.refused(404, "");
    assert_eq!(sandbox.resources().await.unwrap(), []);

    // A test cannot reach around the front.
    own.rest("s3", "POST", "/_ministack/reset", "").await.refused(404, "NoSuchControl");
    sandbox.stop().await;
    assert!(own.send("s3", "GET", "/", &[], "").await.is_none());
}

#[tokio::test]
async fn signatures_are_checked_when_asked_for() {
    let options = Options { authenticate: true, ..Options::new(directory()) };
    let sandbox = Sandbox::start(options).await.unwrap();
    // The root user of an account is let in as ever; a stranger is not, wherever he knocks.
    let own = Aws::at(sandbox.endpoint(), "123456789012");
    own.rest("s3", "PUT", "/bucket-one", "").await.done();
    assert_eq!(sandbox.resources().await.unwrap().len(), 1);
    let stranger = Aws::at(sandbox.endpoint(), "AKIAIOSFODNN7EXAMPLE");
    let queues = "/2017-08-29/queues";
    let identities = "/2020-05-31/origin-access-identity/cloudfront";
    for (service, path) in [("s3", "/"), ("mediaconvert", queues), ("cloudfront", identities)] {
        let answer = stranger.rest(service, "GET", path, "").await;
        assert!([400, 403].contains(&answer.status), "{service} {}", answer.body);
        own.rest(service, "GET", path, "").await.done();
    }
    sandbox.stop().await;
}

/// However the process dies, the emulator dies with it.
#[cfg(target_os = "linux")]
#[test]
fn the_emulator_does_not_outlive_a_killed_process() {
    use std::{
        fs,
        io::{BufRead, BufReader},
        path::Path,
        process::{Command, Stdio},
        time::{Duration, Instant},
    };

    // Cargo builds the examples before it runs the tests.
    let tests = std::env::current_exe().unwrap();
    let example = tests.parent().and_then(Path::parent).unwrap().join("examples/sandbox");
    let mut process = Command::new(example).arg("0").arg(directory()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("export AWS_ENDPOINT_URL=http://127.0.0.1:"), "{line}");

    let threads = fs::read_dir(format!("/proc/{}/task", process.id())).unwrap();
    let children = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("children")).unwrap());
    let emulator = children.collect::<String>().trim().to_owned();
    let alive = || {
        let stat = fs::read_to_string(format!("/proc/{emulator}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    assert!(alive());
    process.kill().unwrap();
    process.wait().unwrap();
    let start = Instant::now();
    while alive() {
        assert!(start.elapsed() < Duration::from_secs(10), "the emulator {emulator} is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}
