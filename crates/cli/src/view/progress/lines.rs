//! What progress says: the lines that stay, and the frame that is redrawn.

use std::time::{Duration, Instant};

use provision_engine::address::Address;
use provision_engine::event::{Event, StepAction};

use super::board::{Board, Running, Work};
use super::screen::Size;
use crate::view::text::{Line, Tone, counted, width};
use crate::view::time::{duration, whole_seconds};

/// How many lines of a terminal are for running steps at most, however tall it is.
const MOST_LINES: usize = 16;
/// From how many columns on what waits for a step is named beside it, rather than below.
const WIDE: usize = 100;
/// How many columns are enough for it there.
const SHORTEST: usize = 30;
/// The columns before what is done to a resource: the spinner and the time.
const BEFORE: usize = 8;

/// What a log says when something begins.
pub(super) fn of_start(event: &Event<'_>) -> Vec<Line> {
    let text = match event {
        Event::RefreshStarted { resources: resources @ 1.. } => {
            format!("Reading {}…", counted(*resources, "resource"))
        }
        Event::ApplyStarted { steps: steps @ [_, ..] } => {
            format!("Applying {}…", counted(steps.len(), "step"))
        }
        Event::StepStarted { address, action } => format!("  {} {address}…", words(*action).doing),
        Event::Settling { address } => format!("  {address} is settling…"),
        _ => return Vec::new(),
    };
    vec![Line::default().and(Tone::Plain, text).whole()]
}

/// What is said when something has ended, well or not. The board knows of the event.
pub(super) fn of_end(event: &Event<'_>, board: &Board, elapsed: Duration) -> Vec<Line> {
    let line = |tone, mark: &str, address: &Address| {
        Line::default().and(tone, mark).and(Tone::Plain, format!(" {address}")).whole()
    };
    let count = || format!(" ({}/{})", board.schedule.ended, board.schedule.len());
    match event {
        Event::StepFinished { address, action, .. } => {
            let done = format!(" {} in {}", words(*action).done, duration(elapsed));
            vec![line(Tone::Good, "✓", address).and(Tone::Faint, done + &count())]
        }
        Event::Settled { address } => {
            vec![
                line(Tone::Good, "✓", address).and(Tone::Faint, format!(" settled in {}", duration(elapsed))),
            ]
        }
        Event::StepFailed { address, action, message, hint } => {
            let mut rest = message.lines();
            let failed = format!(" was not {}, after {}: ", words(*action).done, duration(elapsed));
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
        let text = format!("  still {} {address}… {}", doing(*work), duration(*elapsed));
        Line::default().and(Tone::Faint, text).whole()
    };
    overdue.iter().map(line).collect()
}

/// What a terminal of that size shows at that moment: what runs, what waits for it, and how much is done.
pub(super) fn frame(board: &Board, now: Instant, size: Size) -> Vec<Line> {
    let elapsed = |since: Instant| now.saturating_duration_since(since);
    let mut lines = Vec::new();
    if let Some((read, resources)) = board.reading {
        let text = format!("Reading {}… {read}/{resources}", counted(resources, "resource"));
        lines.push(Line::default().and(Tone::Plain, text));
    }
    // What has ended stays above, and some of it should be seen.
    let mut room = (size.rows / 2).clamp(2, MOST_LINES);
    for (position, running) in board.running.iter().enumerate() {
        let step = of_running(running, board, elapsed(running.since), size.columns);
        let left = board.running.len() - position;
        // Unless it is the last, the line that counts the others needs room too.
        if step.len() + usize::from(left > 1) > room {
            lines.push(Line::indented(2).and(Tone::Faint, format!("and {left} more")));
            break;
        }
        room -= step.len();
        lines.extend(step);
    }
    if let Some(began) = board.began.filter(|_| board.schedule.len() > 0) {
        lines.push(of_all(board, elapsed(began), size.columns));
    }
    lines
}

/// A step that runs, with what waits for it: beside it, or below where there is no room.
fn of_running(running: &Running, board: &Board, elapsed: Duration, columns: usize) -> Vec<Line> {
    let line = Line::default()
        .and(Tone::Read, spinner(elapsed))
        .and(Tone::Faint, format!(" {:>5} {} ", whole_seconds(elapsed), doing(running.work)))
        .and(Tone::Plain, running.address.as_str());
    let held_up = board.held_up_by(running);
    if held_up.is_empty() || columns < BEFORE + SHORTEST {
        return vec![line];
    }
    let beside = columns.saturating_sub(line.width() + 5);
    if columns >= WIDE && beside >= SHORTEST {
        return vec![line.and(Tone::Faint, format!("  ↳ {}", holding_up(&held_up, beside)))];
    }
    let below = columns.saturating_sub(BEFORE + 3);
    vec![line, Line::indented(BEFORE).and(Tone::Faint, format!("↳ {}", holding_up(&held_up, below)))]
}

/// What a step holds up: as many names as there is room for, one at least, and a count of the others.
fn holding_up(held_up: &[&Address], room: usize) -> String {
    let mut text = String::from("holds up ");
    for (position, address) in held_up.iter().enumerate() {
        let others = held_up.len() - position;
        let name = if position == 0 { address.name().to_owned() } else { format!(", {}", address.name()) };
        let more = if others > 1 { width(&format!(" and {} more", others - 1)) } else { 0 };
        if position > 0 && width(&text) + width(&name) + more > room {
            return text + &format!(" and {others} more");
        }
        text.push_str(&name);
    }
    text
}

/// How far all of it has come. There is no estimate of the time that is left: how long AWS takes for what has not begun
/// is anybody's guess.
fn of_all(board: &Board, elapsed: Duration, columns: usize) -> Line {
    let (ended, steps) = (board.schedule.ended, board.schedule.len());
    let length = (columns / 3).min(30);
    let filled = length * ended.min(steps) / steps.max(1);
    let mut line = Line::default()
        .and(Tone::Good, "━".repeat(filled))
        .and(Tone::Faint, "─".repeat(length - filled))
        .and(Tone::Plain, format!(" {ended}/{steps}"));
    if board.failed > 0 {
        line = line.and(Tone::Bad, format!("  {} failed", board.failed));
    }
    if board.interrupted {
        line = line.and(Tone::Notice, "  stopping");
    }
    let counts = [(board.running.len(), "running"), (board.schedule.waiting(), "waiting")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    line.and(Tone::Faint, format!("  {}  {}", whole_seconds(elapsed), counts.join(", ")))
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
