//! On which processor threads run. The kernel may put a new thread behind the one that starts it, though another processor
//! is idle: it goes by who ran there last. A few milliseconds later it moves the thread, when there is nothing left to win.

#[cfg(target_os = "linux")]
pub(super) use linux::{avoid, current};

#[cfg(target_os = "linux")]
mod linux {
    use rustix::thread::{sched_getaffinity, sched_getcpu, sched_setaffinity};

    /// The number of the processor where this thread runs.
    pub(in super::super) fn current() -> usize {
        sched_getcpu()
    }

    /// Has this thread run on others, if there are some that it may run on.
    pub(in super::super) fn avoid(processor: usize) {
        let Ok(mut allowed) = sched_getaffinity(None) else { return };
        allowed.unset(processor);
        if allowed.count() > 0 {
            // Where it does not work, the thread is where it was.
            let _ = sched_setaffinity(None, &allowed);
        }
    }

    #[cfg(test)]
    mod tests {
        #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

        use super::{avoid, current, sched_getaffinity};

        #[test]
        fn a_thread_leaves_a_processor_where_there_is_another() {
            let here = current();
            let there = std::thread::spawn(move || {
                avoid(here);
                current()
            });
            let several = sched_getaffinity(None).unwrap().count() > 1;
            assert_eq!(there.join().unwrap() != here, several);
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn current() {}

#[cfg(not(target_os = "linux"))]
pub(super) fn avoid((): ()) {}
