//! Broken environments and modules: none makes anything panic, each is refused, and all that is said of it is said where
//! the mistake is, or where it breaks something.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use provision_engine::source::Diagnostic;
use provision_tests::World;

use crate::mutation::{Mutation, mutations};
use crate::project::Project;
use crate::written;

#[test]
fn each_mistake_is_said_where_it_is() {
    let all = mutations(&Project::new());
    let sorts: BTreeMap<&str, usize> = all.iter().fold(BTreeMap::new(), |mut sorts, mutation| {
        *sorts.entry(mutation.sort).or_default() += 1;
        sorts
    });
    assert!(all.len() >= 300, "{} mistakes", all.len());
    assert!(sorts.len() >= 45, "{} sorts: {sorts:?}", sorts.len());
    let chunk = all.len().div_ceil(2);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = all
            .chunks(chunk)
            .map(|mutations| {
                scope.spawn(|| {
                    let project = Project::new();
                    mutations
                        .iter()
                        .filter_map(|mutation| check(&project, mutation).err())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    let count = failures.len();
    assert!(failures.is_empty(), "{count} of {}:\n\n{}", all.len(), failures.join("\n\n"));
}

/// Whether all that is said of a mistake is where it should be.
fn check(project: &Project, mutation: &Mutation) -> Result<(), String> {
    let Mutation { sort, path, environment, lines, says, .. } = mutation;
    let validate = AssertUnwindSafe(|| project.validate_with(environment, path, &mutation.bytes));
    let wrong = |why: &str, diagnostics: &[Diagnostic]| {
        let text = String::from_utf8_lossy(&mutation.bytes);
        let number = *lines.iter().next().unwrap_or(&1);
        let line: String = text.lines().nth(number - 1).unwrap_or_default().chars().take(120).collect();
        let said: Vec<String> = diagnostics
            .iter()
            .map(|said| {
                let text: String = format!("{:?}: {} ({:?})", said.place, said.message, said.hint);
                format!("    {}", text.chars().take(300).collect::<String>())
            })
            .collect();
        Err(format!("{sort} ({why}): {path}:{lines:?} by {environment}\n  {line}\n{}", said.join("\n")))
    };
    let Ok(diagnostics) = catch_unwind(validate) else { return wrong("it panics", &[]) };
    if diagnostics.is_empty() {
        return wrong("it is accepted", &[]);
    }
    for diagnostic in &diagnostics {
        let places = diagnostic.place.iter().chain(diagnostic.related.iter().map(|(place, _)| place));
        let is_there = places.into_iter().any(|place| {
            project.relative(&place.file.path) == *path && lines.contains(&place.line_and_column().0)
        });
        if !is_there {
            return wrong("it is said elsewhere", &diagnostics);
        }
    }
    let advice =
        |said: &Diagnostic| format!("{} ({})", said.message, said.hint.as_deref().unwrap_or_default());
    if !diagnostics.iter().any(|said| advice(said).contains(says.as_str())) {
        return wrong(&format!("`{says}` is not said"), &diagnostics);
    }
    Ok(())
}

#[test]
fn what_is_written_wrong_is_said_in_the_lines_that_say_so() {
    let project = Project::new();
    let files = written::files();
    assert!(files.len() >= 40, "{} files", files.len());
    let failures: Vec<String> = files
        .iter()
        .filter_map(|(name, text)| {
            let diagnostics = project.validate_with("envs/broken.toml", "envs/broken.toml", text.as_bytes());
            let said: BTreeSet<usize> = diagnostics
                .iter()
                .map(|said| said.place.as_ref().map_or(0, |place| place.line_and_column().0))
                .collect();
            let expected = written::wrong_lines(text);
            (said != expected || expected.is_empty())
                .then(|| format!("{name}: lines {expected:?}, and not\n{diagnostics:#?}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn each_sort_of_mistake_looks_well_on_the_screen() {
    let world = World::new();
    let mut seen = BTreeSet::new();
    let all = mutations(&Project::new());
    let shown = all.iter().filter(|mutation| mutation.bytes.len() < 50_000 && seen.insert(mutation.sort));
    let mut screens = String::new();
    for mutation in shown {
        let before = world.read(&mutation.path);
        std::fs::write(world.directory().join(&mutation.path), &mutation.bytes).unwrap();
        let screen = world.screens(&["validate", &mutation.environment]);
        world.write(&mutation.path, &before);
        let (narrow, wide) = screen.split_once("=== 140 columns\n").unwrap();
        // Most are as wide as they are.
        let screen = match narrow.strip_prefix("=== 80 columns\n") == Some(wide) {
            true => format!("=== 80 and 140 columns\n{wide}"),
            false => screen.clone(),
        };
        screens.push_str(&format!("##### {}\n{screen}\n", mutation.sort));
    }
    insta::assert_snapshot!(screens);
}
