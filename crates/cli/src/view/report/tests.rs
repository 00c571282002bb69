use std::time::Duration;

use provision_engine::address::Address;
use provision_engine::apply::Report;
use provision_engine::kind::KindError;
use provision_engine::source::Diagnostic;

use super::write;
use crate::view::{Style, drawn};

fn text(report: &Report) -> String {
    let (elapsed, style) = (Duration::from_secs(42), Style { colour: false, width: 80 });
    drawn(|out| write(report, elapsed, "provision apply envs/dev.toml", out, style))
}

#[test]
fn success_is_one_line() {
    let report = Report { created: 3, updated: 1, deleted: 2, ..Report::default() };
    assert_eq!(text(&report), "Done: 3 created, 1 updated, 2 deleted, in 42s.\n");
    let report = Report { adopted: 1, ..Report::default() };
    assert_eq!(text(&report), "Done: 0 created, 0 updated, 0 deleted, 1 adopted, in 42s.\n");
    assert_eq!(text(&Report::default()), "Done: nothing had to be changed.\n");
}

#[test]
fn what_was_not_done_is_listed_with_what_to_do() {
    let report = Report {
        created: 3,
        failed: vec![(
            Address::from("aws_s3_bucket.master"),
            KindError {
                code: Some("BucketAlreadyExists".to_owned()),
                ..KindError::new("the name is taken\nrequest 5F2")
            }
            .with_hint("choose another name"),
        )],
        skipped: (0..23)
            .map(|index| Address::from(format!("aws_cloudwatch_metric_alarm.alarm_{index:02}")))
            .collect(),
        not_begun: vec![Address::from("aws_kms_key.main")],
        diagnostics: vec![Diagnostic::new("`port` is no number")],
        ..Report::default()
    };
    insta::assert_snapshot!(text(&report));
}

#[test]
fn an_interrupted_run_goes_on_with_the_same_command() {
    let report = Report { not_begun: vec![Address::from("aws_kms_key.main")], ..Report::default() };
    insta::assert_snapshot!(text(&report), @r"
    Not begun, because the run was interrupted:
      aws_kms_key.main

    Interrupted: 0 created, 0 updated, 0 deleted, 1 not begun, in 42s.
    What was done is in the state. Run `provision apply envs/dev.toml` again: it
    goes on where this one ended.
    ");
}
