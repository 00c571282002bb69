//! What changes in a text: line by line if it has several, and around the difference if it is long.

use super::difference::{ADDED, REMOVED, remark};
use super::sequence::{Edit, edits};
use crate::view::text::{Line, Tone, counted, cut, width};
use crate::view::value::{Head, STEP, spelled};

/// Draws the lines of two texts that differ, each with a neighbour.
pub(super) fn texts(head: &Head, old: &str, new: &str, lines: &mut Vec<Line>) {
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old_lines == new_lines {
        lines.push(head.line().and(Tone::Faint, "(only line ends differ)"));
        return;
    }
    lines.push(head.line().and(Tone::Plain, "<<-EOT"));
    let inner = head.column() + STEP;
    let marked = |(tone, mark): (Tone, &str), text: &str| {
        Line::indented(inner).and(tone, mark).and(Tone::Plain, format!(" {}", spelled(text)))
    };
    let kept = |text: &str| Line::indented(inner + 2).and(Tone::Plain, spelled(text));
    let steps = edits(&old_lines, &new_lines);
    let mut position = 0;
    while position < steps.len() {
        match steps[position] {
            Edit::Remove(i) => lines.push(marked(REMOVED, old_lines[i])),
            Edit::Insert(j) => lines.push(marked(ADDED, new_lines[j])),
            Edit::Keep(start, _) => {
                let run = steps[position..].iter().take_while(|step| matches!(step, Edit::Keep(..))).count();
                let before = usize::from(position > 0);
                let after = usize::from(position + run < steps.len());
                if run <= before + after + 1 {
                    lines.extend(old_lines[start..start + run].iter().map(|text| kept(text)));
                } else {
                    lines.extend(old_lines[start..start + before].iter().map(|text| kept(text)));
                    let hidden = counted(run - before - after, "unchanged line");
                    lines.push(remark(inner + 2, &hidden));
                    lines.extend(old_lines[start + run - after..start + run].iter().map(|text| kept(text)));
                }
                position += run - 1;
            }
        }
        position += 1;
    }
    lines.push(Line::indented(head.column()).and(Tone::Plain, "EOT"));
}

/// Two texts cut to so many columns, with what they have in common at the beginning left out if the difference
/// would be cut off otherwise.
pub(super) fn fitted(old: &str, new: &str, room: usize) -> (String, String) {
    let common = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
    let longest = width(old).max(width(new));
    let start = match longest.checked_sub(room) {
        None | Some(0) => 0,
        Some(_) if common <= room / 2 => 0,
        // As much as has to go for the end to be seen, but not what the difference is told by.
        Some(excess) => (excess + 1).min(common - room / 4),
    };
    let from_start = |text: &str| match start {
        0 => cut(text, room),
        _ => cut(&format!("…{}", text.chars().skip(start).collect::<String>()), room),
    };
    (from_start(old), from_start(new))
}
