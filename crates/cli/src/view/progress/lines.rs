//! What progress says: the lines that stay, and the frame that is redrawn.

use std::time::{Duration, Instant};

use provision_engine::address::Address;
use provision_engine::event::{Event, StepAction};

use super::board::{Board, Work};
use crate::view::Style;
use crate::view::text::{Line, Tone, counted};

/// How many running steps are in the frame.
const MOST_SHOWN: usize = 8;

/// What a log says when something begins.
pub(super) fn of_start(event: &Event<'_>) -> Vec<Line> {
    let text = match event {
        Event::RefreshStarted { resources: resources @ 1.. } => {
            format!("Reading {}…", counted(*resources, "resource"))
        }
        Event::ApplyStarted { steps: steps @ 1.. } => format!("Applying {}…", counted(*steps, "step")),
        Event::Settling { address } => format!("  {address} is settling…"),
        _ => return Vec::new(),
    };
    vec![Line::default().and(Tone::Plain, text).whole()]
}

/// What is said when something has ended, well or not.
pub(super) fn of_end(event: &Event<'_>, elapsed: Duration) -> Vec<Line> {
    let line = |tone, mark: &str, address: &Address| {
        Line::default().and(tone, mark).and(Tone::Plain, format!(" {address}")).whole()
    };
    match event {
        Event::StepFinished { address, action, .. } => {
            let done = format!(" {} in {}", words(*action).done, duration(elapsed));
            vec![line(Tone::Good, "✓", address).and(Tone::Faint, done)]
        }
        Event::Settled { address } => {
            vec![
                line(Tone::Good, "✓", address).and(Tone::Faint, format!(" settled in {}", duration(elapsed))),
            ]
        }
        Event::StepFailed { address, action, message, hint } => {
            let mut rest = message.lines();
            let failed = format!(" was not {}: ", words(*action).done);
            let mut lines = vec![
                line(Tone::Alarm, "✗", address)
                    .and(Tone::Plain, failed)
                    .and(Tone::Bad, rest.next().unwrap_or_default()),
            ];
            lines.extend(rest.map(|text| Line::indented(4).and(Tone::Bad, text).whole()));
            lines.extend(hint.map(|hint| {
                Line::indented(4).and(Tone::Strong, "help").and(Tone::Plain, format!(": {hint}")).whole()
            }));
            lines
        }
        Event::StepSkipped { address, action, because } => {
            let skipped = format!(" is not {}: it waits for {because}", words(*action).done);
            vec![line(Tone::Notice, "-", address).and(Tone::Faint, skipped)]
        }
        Event::Interrupted { running } => {
            let text = match running {
                0 => "Interrupted.".to_owned(),
                1 => "Interrupted: 1 step is still running, and waited for. Interrupt again to stop now."
                    .to_owned(),
                _ => format!(
                    "Interrupted: {running} steps are still running, and waited for. Interrupt again to stop now."
                ),
            };
            vec![Line::default().and(Tone::Notice, text).whole()]
        }
        _ => Vec::new(),
    }
}

/// What a log says of what takes long.
pub(super) fn of_overdue(overdue: &[(Address, Work, Duration)]) -> Vec<Line> {
    let line = |(address, work, elapsed): &(Address, Work, Duration)| {
        let text = format!("  {address} is still {}… {}", doing(*work), duration(*elapsed));
        Line::default().and(Tone::Faint, text).whole()
    };
    overdue.iter().map(line).collect()
}

/// What a terminal shows at that moment.
pub(super) fn frame(board: &Board, now: Instant, style: Style) -> Vec<Line> {
    let elapsed = |since: Instant| now.saturating_duration_since(since);
    let mut lines = Vec::new();
    if let Some((read, resources)) = board.reading {
        let text = format!("Reading {}… {read}/{resources}", counted(resources, "resource"));
        lines.push(Line::default().and(Tone::Plain, text));
    }
    // One line too many is no more than the line that would say so.
    let shown = if board.running.len() <= MOST_SHOWN + 1 { board.running.len() } else { MOST_SHOWN };
    for running in &board.running[..shown] {
        let since = elapsed(running.since);
        lines.push(
            Line::default()
                .and(Tone::Read, spinner(since))
                .and(Tone::Faint, format!(" {:>5} {} ", whole_seconds(since), doing(running.work)))
                .and(Tone::Plain, running.address.as_str()),
        );
    }
    if board.running.len() > shown {
        lines.push(Line::indented(2).and(Tone::Faint, format!("and {} more", board.running.len() - shown)));
    }
    if let Some(began) = board.began.filter(|_| board.steps > 0) {
        let length = (style.width / 3).min(30);
        let filled = (length * board.ended.min(board.steps)) / board.steps;
        let mut line = Line::default()
            .and(Tone::Good, "━".repeat(filled))
            .and(Tone::Faint, "─".repeat(length - filled))
            .and(Tone::Plain, format!(" {}/{}", board.ended, board.steps));
        if board.failed > 0 {
            line = line.and(Tone::Bad, format!("  {} failed", board.failed));
        }
        if board.interrupted {
            line = line.and(Tone::Notice, "  stopping");
        }
        lines.push(line.and(Tone::Faint, format!("  {}", whole_seconds(elapsed(began)))));
    }
    lines
}

fn spinner(elapsed: Duration) -> &'static str {
    const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    FRAMES[usize::try_from(elapsed.as_millis() / 100).unwrap_or_default() % FRAMES.len()]
}

struct Words {
    doing: &'static str,
    done: &'static str,
}

fn words(action: StepAction) -> Words {
    let (doing, done) = match action {
        StepAction::Create => ("creating", "created"),
        StepAction::Update => ("updating", "updated"),
        StepAction::Delete => ("deleting", "deleted"),
        StepAction::Read => ("reading", "read"),
        StepAction::Adopt => ("adopting", "adopted"),
    };
    Words { doing, done }
}

fn doing(work: Work) -> &'static str {
    match work {
        Work::Step(action) => words(action).doing,
        Work::Settle => "settling",
    }
}

/// A duration for people: `0.4s`, `42s`, `3m05s`, `1h02m`.
pub(super) fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        _ => whole_seconds(duration),
    }
}

fn whole_seconds(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}
