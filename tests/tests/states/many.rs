//! A state in S3 of much that is made at once: what happens while it is written goes into the next write.

use std::fmt::Write as _;

use provision_tests::World;

const MANY: &str = "envs/many.toml";

#[test]
fn a_thousand_resources_are_made_with_a_few_writes_of_the_state() {
    let world = World::new();
    let mut text =
        format!("[env]\nname = \"many\"\nproject = \"{}\"\nregion = \"us-east-1\"\n", world.project());
    for index in 0..1000_usize {
        let input = match index.checked_sub(1) {
            Some(before) => format!("${{terraform_data.r{}.id}}", before / 10),
            None => "root".to_owned(),
        };
        write!(text, "\n[resource.terraform_data.r{index}]\ninput = \"{input}\"\n").unwrap();
    }
    // These are calls, and each is announced in the state before it is sent.
    for index in 0..20 {
        let name = format!("/many/{index}-${{terraform_data.r{}.output == null}}", index * 50);
        write!(text, "\n[resource.aws_cloudwatch_log_group.g{index}]\nname = \"{name}\"\n").unwrap();
    }
    world.write(MANY, &text);
    let world = world.with_state_in_s3(&[MANY], false);
    for command in ["apply", "destroy"] {
        let before = world.states("many").len();
        world.succeed(&[command, MANY, "--auto-approve"]);
        let states = world.states("many");
        let writes = states.len() - before;
        assert!((2..=50).contains(&writes), "{command} has written the state {writes} times");
        // One at a time: each is what comes after the one before.
        let serials: Vec<u64> = states.iter().map(|state| state["serial"].as_u64().unwrap()).collect();
        assert!(serials.windows(2).all(|pair| pair[1] == pair[0] + 1), "{serials:?}");
    }
}
