//! Why a call of a kind failed, and what that says of what has happened.

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}{message}", code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default())]
pub struct KindError {
    /// AWS's error code, such as `AccessDenied`.
    pub code: Option<String>,
    /// What happened, in AWS's words or ours.
    pub message: String,
    /// What to do about it, where we know.
    pub hint: Option<String>,
    /// Whether something may have been done, where that is known better than by the code. It may: an earlier attempt
    /// of the call may have taken effect, or the call did and what came after it failed. It cannot: nothing was sent.
    pub may_have_acted: Option<bool>,
}

impl KindError {
    /// An error of our own, without a code.
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: None, message: message.into(), hint: None, may_have_acted: None }
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure, where something may have been done all the same.
    pub fn undecided(self) -> Self {
        Self { may_have_acted: Some(true), ..self }
    }

    /// The same failure, where nothing that changes anything had been sent.
    pub fn unsent(self) -> Self {
        Self { may_have_acted: Some(false), ..self }
    }

    /// Whether it is left open if something was done, although AWS has answered.
    pub fn is_undecided(&self) -> bool {
        self.may_have_acted == Some(true)
    }

    /// Whether AWS has said no, so that nothing was done. A failure on its side, or none of its words at all, leaves
    /// that open; so does its asking for patience, which may be about the repetition of a call that took effect.
    pub fn is_refusal(&self) -> bool {
        const OPEN: [&str; 14] = [
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServerErrorException",
            "PriorRequestNotComplete",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestTimeout",
            "ServiceFailure",
            "ServiceUnavailable",
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ];
        match self.may_have_acted {
            Some(may_have_acted) => !may_have_acted,
            None => self.code.as_deref().is_some_and(|code| !OPEN.contains(&code)),
        }
    }

    /// Whether AWS's code is one of these.
    pub fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}
