//! Several evaluations of one configuration, side by side: with what is known, and with what stands for it. How often
//! there is each thing is the same for all of them.

use super::expansion::Times;
use super::*;

/// What the first of several evaluations has decided for the others.
#[derive(Clone, Default)]
pub(crate) struct Guide(Rc<RefCell<HashMap<(InstanceName, String), Times>>>);

impl Guide {
    pub(super) fn decided(&self, instance: &InstanceName, called: &str) -> Option<Times> {
        self.0.borrow().get(&(instance.clone(), called.to_owned())).cloned()
    }

    pub(super) fn decide(&self, instance: &InstanceName, called: &str, times: &Times) {
        self.0.borrow_mut().insert((instance.clone(), called.to_owned()), times.clone());
    }
}

impl Evaluation<'_> {
    /// The same, decided together with those that have the same guide: by whoever is asked first.
    pub(crate) fn guided_by(self, guide: &Guide) -> Self {
        Self { guide: Some(guide.clone()), ..self }
    }

    /// The same with values that stand for others. Nothing is asked of them but that they have the right type.
    pub(crate) fn standing_in(self) -> Self {
        Self { stands_in: true, ..self }
    }
}
