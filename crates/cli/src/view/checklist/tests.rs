use provision_engine::checklist::{CheckResult, Finding, Severity};

use super::write;
use crate::view::{Style, drawn};

fn findings() -> Vec<Finding> {
    let finding = |name: &str, description: &str, result, reasons: &[&str]| Finding {
        address: format!("module.storytime.check.{name}"),
        description: description.to_owned(),
        severity: if result == CheckResult::Warning { Severity::Warning } else { Severity::Error },
        result,
        reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
    };
    vec![
        finding("private", "Nothing is public.", CheckResult::Passed, &[]),
        finding(
            "upload",
            "A master can be uploaded to its bucket by a URL that was signed before",
            CheckResult::Passed,
            &["put and got s3://storytime-master-uploads-dev/uploads/check.txt by presigned URLs"],
        ),
        finding(
            "denied",
            "Who has no cookies is denied",
            CheckResult::Failed,
            &[
                "GET https://d111111abcdef8.cloudfront.net/books/check.txt answered 200, not 403",
                "a second thing\nwith another line",
            ],
        ),
        finding("job", "Jobs write HLS", CheckResult::Skipped, &["no job was made: there is no sample"]),
        finding("alarms", "Somebody hears of errors", CheckResult::Warning, &["nobody does"]),
    ]
}

#[test]
fn the_checklist_is_a_table() {
    let text = |width| drawn(|out| write(&findings(), out, Style { colour: false, width }));
    insta::assert_snapshot!(text(Style::UNBOUNDED));
    insta::assert_snapshot!(text(100));
    insta::assert_snapshot!(drawn(|out| write(&findings()[..3], out, Style { colour: true, width: 100 })));
    insta::assert_snapshot!(drawn(|out| write(&[], out, Style { colour: false, width: 80 })), @"There are no checks.");
}
