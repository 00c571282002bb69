#![expect(clippy::expect_used, reason = "a test that fails says why")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use provision_engine::address::Address;
use provision_engine::event::{Event, StepAction};

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
    at(1.0, Event::ApplyStarted { steps: 4 });
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

fn frame_of(running: usize, style: Style) -> String {
    let mut board = Board::default();
    let start = Instant::now();
    board.receive(&Event::ApplyStarted { steps: 40 }, start);
    for index in 0..running + 6 {
        let address = Address::from(format!(
            "module.storytime.aws_cloudwatch_metric_alarm.errors_{index}[\"a long name\"]"
        ));
        board.receive(&Event::StepStarted { address: &address, action: StepAction::Create }, start);
        if index == 5 {
            board.receive(
                &Event::StepFailed { address: &address, action: StepAction::Create, message: "", hint: None },
                start,
            );
        } else if index < 5 {
            board.receive(
                &Event::StepFinished { address: &address, action: StepAction::Create, id: None },
                start,
            );
        }
    }
    drawn_lines(&lines::frame(&board, start + Duration::from_secs(75), style), style)
}

#[test]
fn the_live_view_shows_the_oldest_steps_and_counts_the_others() {
    insta::assert_snapshot!(frame_of(13, Style { colour: false, width: 70 }));
    insta::assert_snapshot!(frame_of(9, Style { colour: false, width: 140 }));
    let coloured = frame_of(3, Style { colour: true, width: 60 });
    assert_eq!(console::strip_ansi_codes(&coloured), frame_of(3, Style { colour: false, width: 60 }));
}

#[test]
fn the_live_view_goes_when_everything_is_read() {
    let mut board = Board::default();
    let now = Instant::now();
    board.receive(&Event::RefreshStarted { resources: 2 }, now);
    let address = Address::from("aws_kms_key.main");
    board.receive(&Event::Refreshed { address: &address }, now);
    insta::assert_snapshot!(drawn_lines(&lines::frame(&board, now, PLAIN), PLAIN), @"Reading 2 resources… 1/2");
    board.receive(&Event::Refreshed { address: &address }, now);
    assert!(board.is_idle());
}

#[test]
fn durations_are_for_people() {
    let texts: Vec<String> = [0.04, 1.25, 42.9, 185.0, 3720.0]
        .map(|seconds| lines::duration(Duration::from_secs_f64(seconds)))
        .into();
    assert_eq!(texts, ["0.0s", "1.2s", "42s", "3m05s", "1h02m"]);
}
