//! `provision man`: a page for each command.

use std::collections::BTreeSet;
use std::process::Command;

use provision_tests::World;

#[test]
fn every_command_has_a_page() {
    let world = World::new();
    let said = world.succeed(&["man", "--out", "manual"]).stdout;
    assert_eq!(said, "The manual begins in manual/provision.1: man manual/provision.1\n");
    let files = std::fs::read_dir(world.directory().join("manual")).unwrap();
    let pages: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let help = world.succeed(&["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\nOptions:").unwrap();
    for command in commands.lines().filter_map(|line| line.split_whitespace().next()) {
        assert!(pages.contains(&format!("provision-{command}.1")), "{command} in {pages:?}");
    }
    for page in ["provision.1", "provision-state-list.1", "provision-sign-url.1"] {
        assert!(pages.contains(page), "{page} in {pages:?}");
    }
    let fmt = world.read("manual/provision-fmt.1");
    insta::assert_snapshot!("the_page_of_fmt", fmt);
    // Where the machine can set it, that is without complaints.
    let mut man = Command::new("man");
    man.args(["--warnings=w", "--local-file", "manual/provision-fmt.1"]).current_dir(world.directory());
    if let Ok(set) = man.output() {
        let (text, complaints) = (String::from_utf8_lossy(&set.stdout), String::from_utf8_lossy(&set.stderr));
        assert!(
            set.status.success() && text.contains("SYNOPSIS") && complaints.is_empty(),
            "{text}{complaints}"
        );
    }
}
