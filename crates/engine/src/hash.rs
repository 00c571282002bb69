//! Maps for names and addresses, which are short: a hash that holds out against anyone who chooses them to collide takes
//! longer than all else that such a map does. These come from files of the user's own.

use foldhash::fast::RandomState;

pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub(crate) type HashSet<K> = std::collections::HashSet<K, RandomState>;
/// In the order in which they were inserted.
pub(crate) type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;
