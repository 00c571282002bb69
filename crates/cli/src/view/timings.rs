//! Where the time of a run went: a table for people, JSON lines for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use provision_aws::{CallOutcome, FinishedCall};
use serde_json::{Value as Json, json};

use super::Style;
use super::text::{Line, Tone, width, write_lines};
use crate::timings::{Gathered, Phase, Stretch};

/// The calls of one operation.
#[derive(Default)]
struct Calls {
    count: usize,
    sum: Duration,
    longest: Duration,
    repeated: u32,
    throttled: u32,
}

impl Calls {
    fn add(&mut self, call: &FinishedCall) {
        let took = call.ended.saturating_duration_since(call.began);
        self.count += 1;
        self.sum += took;
        self.longest = self.longest.max(took);
        self.repeated += call.attempts.saturating_sub(1);
        self.throttled += call.throttled;
    }

    fn cells(&self, name: &str) -> [String; 6] {
        let number = |number: u32| if number == 0 { "-".to_owned() } else { number.to_string() };
        [
            name.to_owned(),
            self.count.to_string(),
            seconds(self.sum),
            seconds(self.longest),
            number(self.repeated),
            number(self.throttled),
        ]
    }
}

/// Draws the phases and the calls of a run that began at `began` and took so long.
pub(crate) fn write(
    gathered: &Gathered,
    began: Instant,
    elapsed: Duration,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let mut lines = vec![
        Line::default(),
        Line::default()
            .and(Tone::Strong, "Timings:")
            .and(Tone::Plain, format!(" {} in all", seconds(elapsed))),
        Line::default(),
    ];
    lines.extend(phases(&gathered.phases, began));
    lines.push(Line::default());
    lines.extend(calls(&gathered.calls));
    write_lines(&lines, out, style)
}

/// The phases in the order in which they first began.
fn phases(stretches: &[Stretch], began: Instant) -> Vec<Line> {
    let mut phases: Vec<(Phase, Instant, Duration)> = Vec::new();
    for stretch in stretches {
        match phases.iter_mut().find(|(phase, ..)| *phase == stretch.phase) {
            Some((_, first, took)) => {
                *first = stretch.began.min(*first);
                *took += stretch.took();
            }
            None => phases.push((stretch.phase, stretch.began, stretch.took())),
        }
    }
    phases.sort_by_key(|(_, first, _)| *first);
    let mut rows = vec![["phase", "began", "took"].map(str::to_owned)];
    rows.extend(phases.into_iter().map(|(phase, first, took)| {
        [words(phase).to_owned(), seconds(first.saturating_duration_since(began)), seconds(took)]
    }));
    table(&rows, |_| Tone::Plain)
}

/// The calls by service and operation: what took the most first.
fn calls(calls: &[FinishedCall]) -> Vec<Line> {
    if calls.is_empty() {
        return vec![Line::indented(2).and(Tone::Plain, "no calls")];
    }
    let mut services: BTreeMap<&str, (Calls, BTreeMap<&str, Calls>)> = BTreeMap::new();
    let mut all = Calls::default();
    for call in calls {
        let (of_service, operations) = services.entry(&call.service).or_default();
        of_service.add(call);
        operations.entry(&call.operation).or_default().add(call);
        all.add(call);
    }
    let mut services: Vec<_> = services.into_iter().collect();
    services.sort_by_key(|(_, (of_service, _))| std::cmp::Reverse(of_service.sum));
    let mut rows = vec![["calls", "number", "in sum", "longest", "repeated", "throttled"].map(str::to_owned)];
    for (service, (of_service, operations)) in services {
        rows.push(of_service.cells(service));
        let mut operations: Vec<_> = operations.into_iter().collect();
        operations.sort_by_key(|(_, of_operation)| std::cmp::Reverse(of_operation.sum));
        rows.extend(operations.iter().map(|(name, of_operation)| of_operation.cells(&format!("  {name}"))));
    }
    rows.push(all.cells("all"));
    let last = rows.len() - 1;
    let is_total = rows.iter().map(|[name, ..]| !name.starts_with(' ')).collect::<Vec<_>>();
    let tone = |row: usize| if is_total[row] && row != last { Tone::Strong } else { Tone::Plain };
    table(&rows, tone)
}

/// Rows with their cells below each other, numbers to the right. The first row says what they are.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]], tone: impl Fn(usize) -> Tone) -> Vec<Line> {
    let widths: [usize; COLUMNS] =
        std::array::from_fn(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or_default());
    let drawn = rows.iter().enumerate().map(|(position, row)| {
        let tone = if position == 0 { Tone::Faint } else { tone(position) };
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, wide))| {
            let blank = " ".repeat(wide - width(cell));
            if column == 0 { format!("{cell}{blank}") } else { format!("{blank}{cell}") }
        });
        Line::indented(2).and(tone, cells.collect::<Vec<_>>().join("  ").trim_end()).whole()
    });
    drawn.collect()
}

/// A time that is compared with others: `0.042s`, `12.31s`, `184.0s`.
fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match duration.as_secs() {
        0..10 => format!("{seconds:.3}s"),
        10..100 => format!("{seconds:.2}s"),
        _ => format!("{seconds:.1}s"),
    }
}

/// A call as a JSON object. `began` is when the run did.
pub(crate) fn json_of_call(call: &FinishedCall, began: Instant) -> Json {
    let (outcome, status) = match call.outcome {
        CallOutcome::Answered(status) => ("answered", Some(status)),
        CallOutcome::Unanswered => ("unanswered", None),
        CallOutcome::GivenUp => ("given_up", None),
    };
    json!({
        "event": "call",
        "service": call.service,
        "operation": call.operation,
        "region": call.region,
        "invocation_id": call.invocation_id,
        "address": call.address,
        "start_ms": milliseconds(call.began.saturating_duration_since(began)),
        "elapsed_ms": milliseconds(call.ended.saturating_duration_since(call.began)),
        "attempts": call.attempts,
        "throttled": call.throttled,
        "outcome": outcome,
        "status": status,
    })
}

/// A stretch of a phase, likewise.
pub(crate) fn json_of_phase(stretch: &Stretch, began: Instant) -> Json {
    json!({
        "event": "phase",
        "phase": words(stretch.phase).replace(' ', "_"),
        "start_ms": milliseconds(stretch.began.saturating_duration_since(began)),
        "elapsed_ms": milliseconds(stretch.took()),
    })
}

/// A run that made so many calls.
pub(crate) fn json_of_run(elapsed: Duration, calls: usize) -> Json {
    json!({ "event": "timings", "elapsed_ms": milliseconds(elapsed), "calls": calls })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn words(phase: Phase) -> &'static str {
    match phase {
        Phase::ReadingFiles => "reading files",
        Phase::Checking => "checking",
        Phase::ReadingState => "reading state",
        Phase::CheckingAccount => "checking account",
        Phase::Refresh => "refresh",
        Phase::Planning => "planning",
        Phase::ReadingData => "reading data",
        Phase::LookAhead => "look ahead",
        Phase::Question => "question",
        Phase::CheckingCredentials => "checking credentials",
        Phase::Apply => "apply",
        Phase::Settling => "settling",
        Phase::WritingState => "writing state",
        Phase::RunningChecks => "running checks",
    }
}

#[cfg(test)]
mod tests {
    use provision_engine::address::Address;

    use super::*;

    fn call(service: &str, operation: &str, took: u64, attempts: u32, throttled: u32) -> FinishedCall {
        let began = Instant::now();
        FinishedCall {
            service: service.to_owned(),
            operation: operation.to_owned(),
            region: Some("eu-west-1".to_owned()),
            invocation_id: "6f0cb2a5".to_owned(),
            address: Some(Address::from("module.cdn.aws_s3_bucket.logs[\"eu\"]")),
            began,
            ended: began + Duration::from_millis(took),
            attempts,
            throttled,
            outcome: if attempts > 3 { CallOutcome::Unanswered } else { CallOutcome::Answered(200) },
        }
    }

    fn gathered(began: Instant) -> Gathered {
        let stretch = |phase, from, to| Stretch {
            phase,
            began: began + Duration::from_millis(from),
            ended: began + Duration::from_millis(to),
        };
        Gathered {
            phases: vec![
                stretch(Phase::ReadingFiles, 0, 12),
                stretch(Phase::Planning, 300, 340),
                stretch(Phase::ReadingData, 340, 450),
                stretch(Phase::Planning, 450, 460),
                stretch(Phase::CheckingAccount, 12, 290),
                stretch(Phase::Apply, 460, 184_000),
            ],
            calls: vec![
                call("STS", "GetCallerIdentity", 278, 1, 0),
                call("S3", "CreateBucket", 1500, 3, 2),
                call("S3", "HeadBucket", 100, 1, 0),
                call("S3", "HeadBucket", 250, 1, 0),
                call("CloudFront", "CreateDistributionWithTags", 181_000, 4, 0),
            ],
        }
    }

    #[test]
    fn the_table_has_phases_in_their_order_and_calls_by_what_they_took() {
        let began = Instant::now();
        let style = Style { colour: false, width: 100 };
        let table = super::super::drawn(|out| {
            write(&gathered(began), began, Duration::from_millis(184_200), out, style)
        });
        insta::assert_snapshot!("timings_table", table);
        let none = Gathered::default();
        let table = super::super::drawn(|out| write(&none, began, Duration::ZERO, out, style));
        assert!(table.contains("no calls"), "{table}");
    }

    #[test]
    fn a_program_is_told_of_each_call_and_phase() {
        let began = Instant::now();
        let gathered = gathered(began);
        let first =
            FinishedCall { began, ended: began + Duration::from_millis(7), ..gathered.calls[1].clone() };
        let lines = [
            json_of_call(&first, began),
            json_of_phase(&gathered.phases[2], began),
            json_of_run(Duration::from_millis(184_200), gathered.calls.len()),
        ];
        let lines: Vec<String> = lines.iter().map(Json::to_string).collect();
        insta::assert_snapshot!("timings_lines", lines.join("\n"));
        assert_eq!(json_of_call(&gathered.calls[4], began)["status"], Json::Null);
    }
}
