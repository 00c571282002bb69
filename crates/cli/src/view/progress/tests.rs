#![expect(clippy::expect_used, reason = "a test that fails says why")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use provision_engine::address::Address;
use provision_engine::event::{Event, ScheduledStep, StepAction};

use super::screen::{Screen, Size};
use super::{Board, Form, View, lines};
use crate::view::Style;
use crate::view::text::drawn_lines;

const PLAIN: Style = Style { colour: false, width: 80 };

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no other panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no other panic").clone()).expect("text")
    }
}

fn step(address: &str, action: StepAction, waits_for: &[usize]) -> ScheduledStep {
    ScheduledStep { address: address.into(), action, waits_for: waits_for.to_vec() }
}

/// What a run says that has some of everything in it.
fn run(form: impl Fn(Box<dyn Write + Send>) -> Form) -> String {
    let written = Written::default();
    let mut view = View { board: Board::default(), form: form(Box::new(written.clone())), style: PLAIN };
    let start = Instant::now();
    let mut at =
        |seconds: f64, event: Event<'_>| view.event(&event, start + Duration::from_secs_f64(seconds));
    let (key, bucket, cdn) = (
        Address::from("aws_kms_key.main"),
        Address::from("aws_s3_bucket.master"),
        Address::from("module.cdn.aws_cloudfront_distribution.main"),
    );
    at(0.0, Event::RefreshStarted { resources: 23 });
    at(0.1, Event::Refreshed { address: &key });
    let steps = [
        step(key.as_str(), StepAction::Create, &[]),
        step(bucket.as_str(), StepAction::Delete, &[]),
        step(cdn.as_str(), StepAction::Update, &[0, 1]),
    ];
    at(1.0, Event::ApplyStarted { steps: &steps });
    at(1.0, Event::StepStarted { address: &key, action: StepAction::Create });
    at(1.0, Event::StepStarted { address: &bucket, action: StepAction::Delete });
    at(2.25, Event::StepFinished { address: &key, action: StepAction::Create, id: Some("1234") });
    for seconds in 3..140 {
        view.tick(start + Duration::from_secs(seconds));
    }
    let mut at =
        |seconds: f64, event: Event<'_>| view.event(&event, start + Duration::from_secs_f64(seconds));
    at(140.0, Event::Interrupted { running: 1 });
    at(
        186.0,
        Event::StepFailed {
            address: &bucket,
            action: StepAction::Delete,
            message: "BucketNotEmpty: The bucket you tried to delete is not empty\nrequest 5F2",
            hint: Some("set force_destroy = true"),
        },
    );
    at(186.0, Event::StepSkipped { address: &cdn, action: StepAction::Update, because: &bucket });
    at(186.0, Event::Settling { address: &cdn });
    at(186.5, Event::Settled { address: &cdn });
    written.text()
}

#[test]
fn a_log_has_a_line_for_all_that_ends_or_takes_long() {
    insta::assert_snapshot!(run(Form::Plain));
}

#[test]
fn a_program_gets_every_event() {
    insta::assert_snapshot!(run(Form::Json));
}

/// An apply after 75 seconds, in which so many alarms are made, behind a role that was made, a topic that failed, and
/// before a dashboard that waits for all of them.
fn board_of(running: usize) -> (Board, Instant) {
    let alarm = |index: usize| {
        format!("module.storytime.aws_cloudwatch_metric_alarm.errors_{index}[\"a long name\"]")
    };
    let mut steps: Vec<ScheduledStep> =
        (0..running).map(|index| step(&alarm(index), StepAction::Create, &[])).collect();
    let behind: Vec<usize> = (0..running).collect();
    steps.push(step("module.storytime.aws_cloudwatch_dashboard.all", StepAction::Create, &behind));
    steps.push(step("module.storytime.aws_cloudwatch_composite_alarm.first", StepAction::Create, &[0]));
    steps.push(step("module.storytime.aws_iam_policy.first", StepAction::Create, &[0]));
    steps.push(step("module.storytime.aws_iam_role.first", StepAction::Update, &[running + 2]));
    steps.push(step("aws_iam_role.done", StepAction::Update, &[]));
    steps.push(step("aws_sns_topic.failed", StepAction::Create, &[]));
    let mut board = Board::default();
    let start = Instant::now();
    board.receive(&Event::ApplyStarted { steps: &steps }, start);
    for index in 0..running {
        let address = Address::from(alarm(index));
        board.receive(&Event::StepStarted { address: &address, action: StepAction::Create }, start);
    }
    let (done, failed) = (Address::from("aws_iam_role.done"), Address::from("aws_sns_topic.failed"));
    board.receive(&Event::StepStarted { address: &done, action: StepAction::Update }, start);
    board.receive(&Event::StepFinished { address: &done, action: StepAction::Update, id: None }, start);
    board.receive(&Event::StepStarted { address: &failed, action: StepAction::Create }, start);
    let event = Event::StepFailed { address: &failed, action: StepAction::Create, message: "", hint: None };
    board.receive(&event, start);
    (board, start + Duration::from_secs(75))
}

fn frame_of(running: usize, columns: usize, rows: usize) -> String {
    let (board, now) = board_of(running);
    let style = Style { colour: false, width: columns };
    drawn_lines(&lines::frame(&board, now, Size { columns, rows }), style)
}

#[test]
fn the_live_view_shows_what_runs_and_what_waits_for_it() {
    insta::assert_snapshot!("live_view_at_80", frame_of(3, 80, 24));
    insta::assert_snapshot!("live_view_at_140", frame_of(3, 140, 24));
}

#[test]
fn the_live_view_leaves_room_for_what_has_ended() {
    insta::assert_snapshot!("live_view_of_many", frame_of(30, 80, 24));
    for rows in 1..60 {
        let lines = frame_of(30, 80, rows).lines().count();
        assert!(lines <= (rows / 2).clamp(2, 16) + 1, "{lines} lines of {rows}");
    }
    for columns in 12..60 {
        for line in frame_of(3, columns, 24).lines() {
            assert!(line.chars().count() <= columns, "{line}");
        }
    }
}

#[test]
fn colours_change_nothing_else() {
    let (board, now) = board_of(3);
    let drawn = |colour| {
        let frame = lines::frame(&board, now, Size { columns: 60, rows: 24 });
        drawn_lines(&frame, Style { colour, width: 60 })
    };
    assert_ne!(drawn(true), drawn(false));
    assert_eq!(console::strip_ansi_codes(&drawn(true)), drawn(false));
}

#[test]
fn the_foot_of_the_terminal_is_drawn_over_and_taken_away() {
    let live =
        |out: Box<dyn Write + Send>| Form::Live(Screen::new(out, || Some(Size { columns: 80, rows: 24 })));
    let written = run(live).replace('\u{1b}', "^");
    assert!(written.contains("✓ aws_kms_key.main created in 1.2s (1/3)^[K\r\n"), "{written}");
    let last = written.rsplit("^[?2026h").next().expect("a last drawing");
    let settled = "✓ module.cdn.aws_cloudfront_distribution.main settled in 0.5s^[K\r\n^[J^[?2026l";
    assert!(last.ends_with(settled), "nothing is left below what has ended: {last}");
}

#[test]
fn the_live_view_goes_when_everything_is_read() {
    let mut board = Board::default();
    let now = Instant::now();
    board.receive(&Event::RefreshStarted { resources: 2 }, now);
    let address = Address::from("aws_kms_key.main");
    board.receive(&Event::Refreshed { address: &address }, now);
    let size = Size { columns: 80, rows: 24 };
    insta::assert_snapshot!(drawn_lines(&lines::frame(&board, now, size), PLAIN), @"Reading 2 resources… 1/2");
    board.receive(&Event::Refreshed { address: &address }, now);
    assert!(board.is_idle());
}
