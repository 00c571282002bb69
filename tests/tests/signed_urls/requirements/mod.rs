//! What `signed-urls-modules.md` (here: modules) and `signed-urls-epic.md` (here: epic) ask for. Each assertion cites
//! the line that it stands for.

pub(crate) mod bucket;
pub(crate) mod distribution;
pub(crate) mod key_pair;
pub(crate) mod private_key;
pub(crate) mod role;
pub(crate) mod table;
