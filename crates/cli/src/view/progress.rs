//! What is going on, while it goes on: as a live view on a terminal, as plain lines in a log, as JSON lines for a
//! program.

use std::io::{self, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use provision_engine::event::{Event, Events};

use super::Style;
use super::text::{Line, drawn_lines};

mod board;
mod json;
mod lines;

use board::Board;

/// In which form progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What runs and for how long, redrawn in place, on stderr; what has ended stays above it.
    Live,
    /// A line for each step that ends or takes long, on stderr.
    Plain,
    /// A JSON object for each event, one a line, on stdout.
    Json,
}

/// Shows what happens.
pub(crate) struct Progress {
    view: Arc<Mutex<View>>,
    /// The ticker ends when this is dropped.
    _ticker: Option<Sender<()>>,
}

impl Mode {
    /// Live on a terminal, and plain lines elsewhere.
    pub(crate) fn of_stderr() -> Self {
        if std::io::IsTerminal::is_terminal(&std::io::stderr()) { Self::Live } else { Self::Plain }
    }
}

impl Progress {
    /// Progress in that form; the style is that of the stream which the form writes to.
    pub(crate) fn new(mode: Mode, style: Style) -> Self {
        let form = match mode {
            Mode::Live => Form::Live(None),
            Mode::Plain => Form::Plain(Box::new(io::stderr())),
            Mode::Json => Form::Json(Box::new(io::stdout())),
        };
        let view = Arc::new(Mutex::new(View { board: Board::default(), form, style }));
        let pause = match mode {
            Mode::Live => Some(Duration::from_millis(100)),
            Mode::Plain => Some(Duration::from_secs(1)),
            Mode::Json => None,
        };
        let _ticker = pause.map(|pause| tick(Arc::downgrade(&view), pause));
        Self { view, _ticker }
    }

    /// Takes the live view away, so that something else can be written. Later events bring it back.
    pub(crate) fn finish(&self) {
        self.view().finish();
    }

    fn view(&self) -> MutexGuard<'_, View> {
        locked(&self.view)
    }
}

impl Events for Progress {
    fn event(&self, event: Event<'_>) {
        self.view().event(&event, Instant::now());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn locked(view: &Mutex<View>) -> MutexGuard<'_, View> {
    // What is shown may be behind after a panic elsewhere; it is no reason for another.
    view.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets time pass for a view until it is dropped.
fn tick(view: Weak<Mutex<View>>, pause: Duration) -> Sender<()> {
    let (sender, receiver) = channel::<()>();
    let ticker = std::thread::Builder::new().name("progress".to_owned());
    // Without the thread there is only less to see.
    let _ = ticker.spawn(move || {
        while receiver.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            match view.upgrade() {
                Some(view) => locked(&view).tick(Instant::now()),
                None => break,
            }
        }
    });
    sender
}

struct View {
    board: Board,
    form: Form,
    style: Style,
}

enum Form {
    /// The view, while there is something in it.
    Live(Option<ProgressBar>),
    Plain(Box<dyn Write + Send>),
    Json(Box<dyn Write + Send>),
}

impl View {
    fn event(&mut self, event: &Event<'_>, now: Instant) {
        let elapsed = self.board.receive(event, now);
        match &mut self.form {
            Form::Json(out) => {
                // A reader that has gone away does not stop an apply.
                let _ = writeln!(out, "{}", json::of(event, elapsed)).and_then(|()| out.flush());
            }
            Form::Plain(_) => {
                let mut shown = lines::of_start(event);
                shown.extend(lines::of_end(event, elapsed));
                self.print(&shown);
            }
            Form::Live(_) => {
                let shown = lines::of_end(event, elapsed);
                if !shown.is_empty() {
                    // What has ended is not drawn as running once more below its line.
                    self.tick(now);
                }
                self.print(&shown);
            }
        }
        // The first frame is there at once; later ones come with the ticks.
        if matches!(event, Event::RefreshStarted { .. } | Event::ApplyStarted { .. }) {
            self.tick(now);
        }
    }

    fn tick(&mut self, now: Instant) {
        match &mut self.form {
            Form::Live(bar) => {
                if self.board.is_idle() {
                    if let Some(bar) = bar.take() {
                        bar.finish_and_clear();
                    }
                    return;
                }
                let frame = lines::frame(&self.board, now, self.style);
                let frame = drawn_lines(&frame, self.style);
                bar.get_or_insert_with(live).set_message(frame.trim_end_matches('\n').to_owned());
            }
            Form::Plain(_) => {
                let shown = lines::of_overdue(&self.board.overdue(now));
                self.print(&shown);
            }
            Form::Json(_) => {}
        }
    }

    fn print(&mut self, lines: &[Line]) {
        if lines.is_empty() {
            return;
        }
        let text = drawn_lines(lines, self.style);
        match &mut self.form {
            Form::Live(Some(bar)) if !bar.is_hidden() => bar.println(text.trim_end_matches('\n')),
            Form::Live(_) => {
                let _ = io::stderr().write_all(text.as_bytes());
            }
            Form::Plain(out) | Form::Json(out) => {
                let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            }
        }
    }

    fn finish(&mut self) {
        self.board = Board::default();
        if let Form::Live(bar) = &mut self.form
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }
}

/// A bar that draws what it is told to: what it says is made by [`lines::frame`].
fn live() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg}") {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests;
