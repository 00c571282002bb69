//! What is wrong is refused where it stands, with what to do about it, before anything is called or written.

use provision_tests::{Output, World};

const BAD: &str = "envs/bad.toml";
/// The first five lines of each environment file here.
const HEAD: &str = "[env]\nname = \"bad\"\nproject = \"story\"\nregion = \"us-east-1\"\n\n";

/// A mistake, and how it is reported.
struct Mistake {
    /// What follows the head.
    text: &'static str,
    /// Each place with what is said of it, and what there is to do.
    reports: &'static [(&'static str, &'static str, &'static str)],
}

const UNKNOWN_KEY: Mistake = Mistake {
    text: "[resource.aws_s3_bucket.a]\nversionning = { enabled = true }\n",
    reports: &[("7:1", "unknown key `versionning`", "did you mean `versioning`?")],
};
const UNKNOWN_SECTION: Mistake = Mistake {
    text: "[ressource.aws_s3_bucket.a]\n",
    reports: &[("6:2", "unknown key `ressource`", "did you mean `resource`?")],
};
const UNKNOWN_KIND: Mistake = Mistake {
    text: "[resource.aws_s3_buket.a]\n",
    reports: &[("6:11", "there is no kind of resource `aws_s3_buket`", "did you mean `aws_s3_bucket`?")],
};
const WRONG_TYPE: Mistake = Mistake {
    text: "[resource.aws_s3_bucket.a]\nforce_destroy = \"perhaps\"\nversioning = { enabled = [] }\ntags = 1\n",
    reports: &[
        ("7:17", "expected a bool, found a string", "write true or false, without quotes"),
        ("8:26", "expected a bool, found a list", "write true or false, without quotes"),
        ("9:8", "expected a table, found a number", "write a table: { name = … }"),
    ],
};
const WRONG_TYPE_OF_A_VARIABLE: Mistake = Mistake {
    text: "[variable.days]\ntype = \"number\"\ndefault = \"many\"\n",
    reports: &[(
        "8:11",
        "the variable `days`: expected a number, found a string",
        "write a number, such as 60",
    )],
};
const MISSING_VARIABLE: Mistake = Mistake {
    text: "[variable.size]\ntype = \"number\"\n",
    reports: &[(
        "6:11",
        "the variable `size` has no value",
        "--var size=…, PROVISION_VAR_size, or a default",
    )],
};
const MISSING_INPUT: Mistake = Mistake {
    text: "[module.bucket]\nsource = \"../modules/s3_bucket\"\n",
    reports: &[("6:9", "the module `bucket` needs `bucket`", "add bucket = … (string)")],
};
const MISSING_ARGUMENT: Mistake = Mistake {
    text: "[resource.aws_iam_role.a]\nname = \"a\"\n",
    reports: &[("6:24", "`assume_role_policy` is required", "add `assume_role_policy` (IAM policy)")],
};
const REFERENCE_TO_NO_RESOURCE: Mistake = Mistake {
    text: "[resource.aws_s3_bucket.a]\nbucket = \"${aws_s3_bucket.nowhere.id}\"\n",
    reports: &[("7:13", "there is no `aws_s3_bucket.nowhere`", "add [resource.aws_s3_bucket.nowhere]")],
};
const REFERENCE_TO_NO_ATTRIBUTE: Mistake = Mistake {
    text: "[resource.aws_s3_bucket.a]\n\n[output.arn]\nvalue = \"${aws_s3_bucket.a.arm}\"\n",
    reports: &[("9:12", "`aws_s3_bucket` has no attribute `arm`", "did you mean `arn`?")],
};
const REFERENCE_TO_NO_VARIABLE: Mistake = Mistake {
    text: "[variable.origin]\ndefault = \"x\"\n\n[output.origin]\nvalue = \"is ${var.orgin}\"\n",
    reports: &[("10:15", "there is no variable `orgin`", "did you mean `origin`?")],
};
const CYCLE: Mistake = Mistake {
    text: "[resource.terraform_data.a]\ninput = \"${terraform_data.b.output}\"\n\n[resource.terraform_data.b]\ninput = \"${terraform_data.a.output}\"\n",
    reports: &[(
        "10:12",
        "this needs itself: terraform_data.a → terraform_data.b → terraform_data.a",
        "take one of these references away",
    )],
};
const DUPLICATE_RESOURCE: Mistake = Mistake {
    text: "[resource.aws_s3_bucket.a]\nbucket = \"one-name\"\n\n[resource.aws_s3_bucket.a]\nbucket = \"other-name\"\n\n[output.a]\nvalue = 1\n",
    reports: &[("9:25", "duplicate key", "there is one already: give this one another name")],
};
const DUPLICATE_KEY: Mistake = Mistake {
    text: "[resource.aws_s3_bucket.a]\nbucket = \"one-name\"\nbucket = \"other-name\"\n",
    reports: &[("8:1", "duplicate key", "there is one already")],
};
const BUCKET_NAME: Mistake = Mistake {
    text: "[resource.aws_s3_bucket.a]\nbucket = \"Not_A_Bucket\"\n",
    reports: &[(
        "7:10",
        "a bucket's name has lowercase letters, digits, dots and hyphens alone",
        "such as \"not-a-bucket\"",
    )],
};
const NO_PEM: Mistake = Mistake {
    text: "[resource.aws_cloudfront_public_key.a]\nname = \"a\"\nencoded_key = \"no key\"\n",
    reports: &[("8:15", "this is no PEM public key", "-----BEGIN PUBLIC KEY-----")],
};
const NO_JSON: Mistake = Mistake {
    text: "[resource.aws_s3_bucket_policy.a]\nbucket = \"some-bucket\"\npolicy = \"{ no json\"\n",
    reports: &[("8:10", "this is no JSON", "write the document as a table, or use jsonencode")],
};
const NO_EXPRESSION: Mistake = Mistake {
    text: "[output.a]\nvalue = \"${1 +}\"\n",
    reports: &[("7:15", "this expression cannot be read", "")],
};

#[test]
fn each_mistake_is_shown_where_it_stands_with_what_to_do() {
    let world = World::new();
    for mistake in [
        &UNKNOWN_KEY,
        &UNKNOWN_SECTION,
        &UNKNOWN_KIND,
        &WRONG_TYPE,
        &WRONG_TYPE_OF_A_VARIABLE,
        &MISSING_VARIABLE,
        &MISSING_INPUT,
        &MISSING_ARGUMENT,
        &REFERENCE_TO_NO_RESOURCE,
        &REFERENCE_TO_NO_ATTRIBUTE,
        &REFERENCE_TO_NO_VARIABLE,
        &CYCLE,
        &DUPLICATE_RESOURCE,
        &DUPLICATE_KEY,
        &BUCKET_NAME,
        &NO_PEM,
        &NO_JSON,
        &NO_EXPRESSION,
    ] {
        world.write(BAD, &format!("{HEAD}{}", mistake.text));
        assert_reported(&world.provision(&["plan", BAD]), mistake.reports);
    }
    assert_untouched(&world);
}

#[test]
fn all_mistakes_are_shown_at_once_by_every_command_that_would_act_on_them() {
    let world = World::new();
    let text = [MISSING_VARIABLE, WRONG_TYPE, NO_PEM, NO_JSON].map(|mistake| mistake.text).join("\n");
    let text =
        text.replace("aws_s3_bucket_policy.a]\n", "aws_s3_bucket_policy.a]\nregion = \"${var.nothing}\"\n");
    world.write(BAD, &format!("{HEAD}{text}\n[locals]\nx = \"${{local.x}}\"\n"));
    let reports = [
        ("6:11", "the variable `size` has no value", ""),
        ("10:17", "expected a bool", ""),
        ("11:26", "expected a bool", ""),
        ("12:8", "expected a table", ""),
        ("16:15", "this is no PEM public key", ""),
        ("19:13", "there is no variable `nothing`", ""),
        ("21:10", "this is no JSON", ""),
        ("24:8", "this needs itself: local.x", ""),
    ];
    for command in [&["validate", BAD][..], &["plan", BAD], &["apply", BAD, "--auto-approve"]] {
        let output = world.provision(command);
        assert_reported(&output, &reports);
        assert!(output.stderr.contains("8 problems in envs/bad.toml"), "{output}");
    }
    assert_untouched(&world);
}

#[test]
fn a_mistake_in_a_module_is_shown_in_the_module() {
    let world = World::new();
    world.edit(
        "modules/secrets/module.toml",
        "description = \"${var.description}\"",
        "descripton = \"${var.descripton}\"",
    );
    let output = world.provision(&["plan", "envs/dev.toml"]);
    assert_eq!(output.code, Some(1), "{output}");
    for expected in ["unknown key `descripton`", "there is no variable `descripton`", "2 problems"] {
        assert!(output.stderr.contains(expected), "{expected}: {output}");
    }
    assert_eq!(output.stderr.matches("--> modules/secrets/module.toml:").count(), 2, "{output}");
    assert_untouched(&world);
}

#[test]
fn an_input_of_a_module_that_it_does_not_accept_is_shown_where_it_is_given() {
    let world = World::new();
    world.edit("envs/dev.toml", "glacier_after_days = 30", "glacier_after_days = 10");
    let output = world.provision(&["plan", "envs/dev.toml"]);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stderr.contains("masters move to Glacier after 30 to 90 days"), "{output}");
    assert!(output.stderr.contains("--> envs/dev.toml:"), "{output}");
    assert_untouched(&world);
}

#[test]
fn without_a_region_that_is_all_there_is_to_say() {
    let world = World::new();
    world.write(BAD, "[env]\nname = \"bad\"\nproject = \"story\"\n\n[resource.aws_s3_bucket.a]\n");
    let output = world.provision(&["plan", BAD]);
    assert_reported(&output, &[("1:1", "`[env]` has no `region`", "add region = \"…\"")]);
    assert_untouched(&world);
}

#[test]
fn without_credentials_there_is_one_clear_sentence() {
    let world = World::new();
    for arguments in [&["plan", "envs/dev.toml"][..], &["apply", "envs/dev.toml", "--auto-approve"]] {
        let mut command = world.command();
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"] {
            command.env_remove(name);
        }
        let output = command.env("HOME", world.directory()).args(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let lines: Vec<&str> = stderr.lines().collect();
        let [error, hint] = lines[..] else { panic!("a sentence and what to do, not {stderr}") };
        assert_eq!(error, "error: no AWS credentials were found");
        assert!(hint.contains("AWS_PROFILE") && hint.contains("AWS_ACCESS_KEY_ID"), "{hint}");
    }
    assert_untouched(&world);
}

#[test]
fn an_account_that_is_not_the_one_is_refused_before_anything_is_read() {
    let world = World::new();
    world.edit("envs/dev.toml", "# account_id = \"123456789012\"", "account_id = \"999999999999\"");
    let commands = [
        &["plan", "envs/dev.toml"][..],
        &["apply", "envs/dev.toml", "--auto-approve"],
        &["destroy", "envs/dev.toml", "--auto-approve"],
    ];
    for command in commands {
        let output = world.provision(command);
        let message = format!("these credentials are of the account {}", world.account());
        assert_reported_in("envs/dev.toml", &output, &[("12:14", &message, "AWS_PROFILE")]);
    }
    let calls = world.wait(world.control().calls()).unwrap();
    let calls: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
    assert_eq!(calls, ["GetCallerIdentity"; 3]);
}

#[test]
fn a_state_that_cannot_be_ours_is_refused_and_left_as_it_is() {
    let world = World::new();
    let text = "[resource.terraform_data.a]\ninput = \"first\"\n\n[resource.aws_cloudwatch_log_group.a]\nname = \"a\"\n";
    world.write(BAD, &format!("{HEAD}{text}"));
    world.succeed(&["apply", BAD, "--auto-approve"]);
    let path = "state/story-bad.json";
    let good = world.read(path);
    let before = world.wait(world.control().calls()).unwrap().len();
    let other = good.replace("\"environment\": \"bad\"", "\"environment\": \"good\"");
    let newer = good.replace("\"version\": 1", "\"version\": 2");
    assert!(other != good && newer != good, "{good}");
    for (state, message) in [
        (&good[..good.len() / 2], "is damaged"),
        ("", "is damaged"),
        ("{}\n", "is damaged"),
        (newer.as_str(), "is of format 2, and this provision reads up to 1"),
        (other.as_str(), "is of story/good, not of story/bad"),
    ] {
        world.write(path, state);
        let commands = [
            &["plan", BAD][..],
            &["plan", BAD, "--destroy"],
            &["apply", BAD, "--auto-approve"],
            &["destroy", BAD, "--auto-approve"],
            &["output", BAD],
            &["show", BAD],
            &["state", "list", BAD],
        ];
        for command in commands {
            let output = world.provision(command);
            assert_eq!(output.code, Some(1), "{}: {output}", command.join(" "));
            let expected = format!("the state {} {message}", world.directory().join(path).display());
            assert!(output.stderr.contains(&expected), "`{expected}` by {}: {output}", command.join(" "));
            assert_eq!(world.read(path), state, "left as it is by {}", command.join(" "));
        }
    }
    assert_eq!(world.wait(world.control().calls()).unwrap().len(), before, "nothing was called");
    world.write(path, &good);
    world.assert_no_changes(BAD);
}

/// Fails unless exactly these mistakes of [`BAD`] are reported.
fn assert_reported(output: &Output, reports: &[(&str, &str, &str)]) {
    assert_reported_in(BAD, output, reports);
}

fn assert_reported_in(file: &str, output: &Output, reports: &[(&str, &str, &str)]) {
    assert_eq!(output.code, Some(1), "{output}");
    assert_eq!(output.stdout, "", "results alone are on stdout: {output}");
    // One block for each mistake; after several, how many there are.
    let blocks: Vec<&str> = output.stderr.split("\n\n").filter(|block| block.contains("-->")).collect();
    assert_eq!(blocks.len(), reports.len(), "as many mistakes: {output}");
    for (block, (place, message, hint)) in blocks.iter().zip(reports) {
        assert!(block.starts_with(&format!("error: {message}")), "`{message}`: {output}");
        assert!(block.contains(&format!("--> {file}:{place}\n")), "{file}:{place}: {output}");
        assert!(block.contains('^'), "the place is underlined: {output}");
        assert!(block.contains("= help: ") && block.contains(hint), "`{hint}`: {output}");
    }
}

/// Fails if anything was called, or written where states are.
fn assert_untouched(world: &World) {
    assert_eq!(world.wait(world.control().calls()).unwrap(), [], "nothing was called");
    let files = std::fs::read_dir(world.directory().join("state")).into_iter().flatten();
    let states: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert!(states.iter().all(|name| name.to_string_lossy().ends_with(".lock")), "no state: {states:?}");
}
