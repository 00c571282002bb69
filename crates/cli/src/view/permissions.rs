//! Which permissions the credentials lack.

use std::io::{self, Write};

use provision_aws::permissions::{Denied, Simulated};

use super::Style;
use super::text::{Line, Tone, write_lines};

/// Draws what has come of a look at the permissions of `caller`, of whom `needed` are asked.
pub(crate) fn write(
    outcome: &Simulated,
    needed: usize,
    caller: &str,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let plain = |text: String| Line::default().and(Tone::Plain, text).whole();
    let lines = match outcome {
        Simulated::Skipped(why) => vec![
            Line::default()
                .and(Tone::Notice, "Not checked")
                .and(Tone::Plain, format!(" for {caller}: {why}."))
                .whole(),
        ],
        Simulated::Denied(denied) if denied.is_empty() => {
            vec![plain(format!("{caller} has all {needed} permissions that this plan needs."))]
        }
        Simulated::Denied(denied) => {
            let longest = denied.iter().map(|it| it.action.chars().count()).max().unwrap_or_default();
            let head =
                format!("{caller} lacks {} of the {needed} permissions that this plan needs:", denied.len());
            let lines = [plain(head), Line::default()].into_iter();
            lines.chain(denied.iter().map(|denied| line(denied, longest))).collect()
        }
    };
    write_lines(&lines, out, style)
}

fn line(denied: &Denied, longest: usize) -> Line {
    let line = Line::indented(2)
        .and(Tone::Bad, format!("{:<longest$}", denied.action))
        .and(Tone::Plain, format!("  {}", denied.resource));
    match denied.explicitly {
        true => line.with_note(Tone::Notice, "a statement denies it").whole(),
        false => line.whole(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::drawn;

    fn denied(action: &str, resource: &str, explicitly: bool) -> Denied {
        Denied { action: action.to_owned(), resource: resource.to_owned(), explicitly }
    }

    #[test]
    fn what_is_lacking_is_listed() {
        let style = Style { colour: false, width: 80 };
        let outcomes = [
            Simulated::Denied(vec![
                denied("cloudfront:CreateDistribution", "*", true),
                denied("s3:CreateBucket", "arn:aws:s3:::storytime-hls-dev", false),
            ]),
            Simulated::Denied(Vec::new()),
            Simulated::Skipped("iam:SimulatePrincipalPolicy is not allowed".to_owned()),
        ];
        let caller = "arn:aws:iam::123456789012:user/ci";
        let all = outcomes.map(|outcome| drawn(|out| write(&outcome, 87, caller, out, style)));
        insta::assert_snapshot!(all.join("---\n"), @r"
        arn:aws:iam::123456789012:user/ci lacks 2 of the 87 permissions that this plan needs:

          cloudfront:CreateDistribution  *  # a statement denies it
          s3:CreateBucket                arn:aws:s3:::storytime-hls-dev
        ---
        arn:aws:iam::123456789012:user/ci has all 87 permissions that this plan needs.
        ---
        Not checked for arn:aws:iam::123456789012:user/ci: iam:SimulatePrincipalPolicy is not allowed.
        ");
    }
}
