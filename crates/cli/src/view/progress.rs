//! What is going on, while it goes on: as a live view on a terminal, as plain lines in a log, as JSON lines for a
//! program.

use std::io::{self, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use provision_engine::event::{Event, Events};

use super::Style;
use super::text::{Line, drawn_lines};

mod board;
mod json;
mod lines;
mod screen;

use board::Board;
use screen::Screen;

/// In which form progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What runs and for how long, redrawn in place, on stderr; what has ended stays above it.
    Live,
    /// A line for each step that begins, ends or takes long, on stderr.
    Plain,
    /// A JSON object for each event, one a line, on stdout.
    Json,
}

/// Shows what happens. Dropping it takes the live view away.
pub(crate) struct Progress {
    view: Arc<Mutex<View>>,
    /// The ticker ends when this is dropped.
    _ticker: Option<Sender<()>>,
}

impl Mode {
    /// Live on a terminal that can be drawn on, and plain lines elsewhere.
    pub(crate) fn of_stderr() -> Self {
        let is_terminal = io::IsTerminal::is_terminal(&io::stderr());
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        if is_terminal && !is_dumb { Self::Live } else { Self::Plain }
    }
}

impl Progress {
    /// Progress in that form; the style is that of the stream which the form writes to.
    pub(crate) fn new(mode: Mode, style: Style) -> Self {
        let form = match mode {
            Mode::Live => Form::Live(Screen::of_stderr()),
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

    /// What can reach it from elsewhere, such as from a signal.
    pub(crate) fn handle(&self) -> Handle {
        Handle(Arc::downgrade(&self.view))
    }

    fn view(&self) -> MutexGuard<'_, View> {
        locked(&self.view)
    }
}

/// A progress, as far as it is still shown.
#[derive(Clone)]
pub(crate) struct Handle(Weak<Mutex<View>>);

impl Handle {
    /// Says that nothing new is begun, and what runs is waited for.
    pub(crate) fn interrupted(&self) {
        if let Some(view) = self.0.upgrade() {
            let mut view = locked(&view);
            let running = view.board.running.len();
            view.event(&Event::Interrupted { running }, Instant::now());
        }
    }

    /// Takes the live view away.
    pub(crate) fn finish(&self) {
        if let Some(view) = self.0.upgrade() {
            locked(&view).finish();
        }
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
    Live(Screen),
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
                shown.extend(lines::of_end(event, &self.board, elapsed));
                self.write(&shown);
            }
            Form::Live(_) => {
                let ended = lines::of_end(event, &self.board, elapsed);
                // The first frame is there at once; others come with what ends, and with the ticks.
                if !ended.is_empty()
                    || matches!(event, Event::RefreshStarted { .. } | Event::ApplyStarted { .. })
                {
                    self.draw(&ended, now);
                }
            }
        }
    }

    /// Time has passed.
    fn tick(&mut self, now: Instant) {
        match &mut self.form {
            Form::Live(_) => self.draw(&[], now),
            Form::Plain(_) => {
                let overdue = lines::of_overdue(&self.board.overdue(now));
                self.write(&overdue);
            }
            Form::Json(_) => {}
        }
    }

    /// Draws what a terminal shows now, below what has ended.
    fn draw(&mut self, ended: &[Line], now: Instant) {
        let Form::Live(screen) = &mut self.form else { return };
        let frame = match self.board.is_idle() {
            true => Vec::new(),
            false => lines::frame(&self.board, now, screen.size()),
        };
        let ended = drawn_lines(ended, Style { width: Style::UNBOUNDED, ..self.style });
        screen.draw(&ended, &frame, self.style.colour);
    }

    fn write(&mut self, lines: &[Line]) {
        if let Form::Plain(out) = &mut self.form {
            let text = drawn_lines(lines, self.style);
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }

    fn finish(&mut self) {
        self.board = Board::default();
        if let Form::Live(screen) = &mut self.form {
            screen.clear();
        }
    }
}

#[cfg(test)]
mod tests;
