//! What two sequences have in common, and so what was taken out of the one and put in to get the other.

use provision_engine::value::Value;

/// One step from one sequence to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// This element of the first is that one of the second.
    Keep(usize, usize),
    /// This element of the first is gone.
    Remove(usize),
    /// This element of the second is new.
    Insert(usize),
}

/// The steps from `old` to `new`, with as many kept as possible; removals come before insertions.
pub(super) fn edits<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Edit> {
    /// Beyond this the table of lengths is not worth its memory: nothing in between is kept.
    const LARGEST_TABLE: usize = 4_000_000;
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let end =
        old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (inner_old, inner_new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut edits: Vec<Edit> = (0..start).map(|index| Edit::Keep(index, index)).collect();
    let (mut i, mut j) = (0, 0);
    if inner_old.len().saturating_mul(inner_new.len()) <= LARGEST_TABLE {
        let lengths = common_lengths(inner_old, inner_new);
        while i < inner_old.len() && j < inner_new.len() {
            if inner_old[i] == inner_new[j] {
                edits.push(Edit::Keep(start + i, start + j));
                i += 1;
                j += 1;
            } else if lengths[i + 1][j] >= lengths[i][j + 1] {
                edits.push(Edit::Remove(start + i));
                i += 1;
            } else {
                edits.push(Edit::Insert(start + j));
                j += 1;
            }
        }
    }
    edits.extend((i..inner_old.len()).map(|i| Edit::Remove(start + i)));
    edits.extend((j..inner_new.len()).map(|j| Edit::Insert(start + j)));
    edits.extend((0..end).map(|k| Edit::Keep(old.len() - end + k, new.len() - end + k)));
    edits
}

/// For each pair of positions, how much what follows them has in common.
fn common_lengths<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Vec<u32>> {
    let mut lengths = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = if old[i] == new[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    lengths
}

/// The steps from one set to another; none if they have the same elements.
pub(super) fn unordered(old: &[Value], new: &[Value]) -> Option<Vec<Edit>> {
    let mut rest: Vec<usize> = (0..new.len()).collect();
    let mut kept = Vec::new();
    let mut removed = Vec::new();
    for (i, item) in old.iter().enumerate() {
        match rest.iter().position(|j| new[*j] == *item) {
            Some(position) => kept.push(Edit::Keep(i, rest.remove(position))),
            None => removed.push(Edit::Remove(i)),
        }
    }
    if removed.is_empty() && rest.is_empty() {
        return None;
    }
    Some(kept.into_iter().chain(removed).chain(rest.into_iter().map(Edit::Insert)).collect())
}

/// Which of the new elements a map has most in common with: that is what it becomes.
pub(super) fn most_alike(old: &Value, new: &[Value], candidates: &[usize]) -> Option<usize> {
    let old = old.as_map()?;
    let alike =
        |new: &Value| old.iter().filter(|(name, value)| !value.is_empty() && new.get(name) == *value).count();
    let best = (0..candidates.len()).rev().max_by_key(|position| alike(&new[candidates[*position]]))?;
    (alike(&new[candidates[best]]) > 0).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::{Edit, edits};

    #[test]
    fn keeps_as_much_as_possible() {
        let found = edits(&["a", "b", "c", "d"], &["a", "x", "c", "d", "e"]);
        assert_eq!(
            found,
            [
                Edit::Keep(0, 0),
                Edit::Remove(1),
                Edit::Insert(1),
                Edit::Keep(2, 2),
                Edit::Keep(3, 3),
                Edit::Insert(4)
            ]
        );
    }

    #[test]
    fn an_element_put_before_the_others_is_one_insertion() {
        assert_eq!(edits(&[1, 2], &[0, 1, 2]), [Edit::Insert(0), Edit::Keep(0, 1), Edit::Keep(1, 2)]);
        assert_eq!(edits::<u8>(&[], &[]), []);
        assert_eq!(edits(&[1], &[]), [Edit::Remove(0)]);
    }
}
