//! What is said of configurations that are wrong: all of it at once, with file, line and column, and with advice.

use crate::world::World;

/// What is wrong with this, one problem a line.
fn problems(text: &str) -> String {
    let mut world = World::with(text);
    world.write(
        "inner/module.toml",
        "[variable.name]\ntype = \"string\"\n[variable.size]\ndefault = 1\n[output.id]\nvalue = \"${var.name}\"\n",
    );
    world.write("itself/module.toml", "[module.again]\nsource = \"../itself\"\n");
    world.write("broken/module.toml", "[env]\nname = \"x\"\n[resource.fake_key.it]\nsise = 1\n");
    world.write("itself.tpl", "again: ${templatefile(\"itself.tpl\", {})}");
    world.problems()
}

macro_rules! mistakes {
    ($($name:ident: $text:expr;)*) => { $(
        #[test]
        fn $name() {
            insta::assert_snapshot!(problems($text));
        }
    )* };
}

mistakes! {
    an_unknown_key: "[resource.fake_key.it]\nsise = 1\n[resource.fake_bucket.it]\nbucket = \"x\"\nversioning = { enabeld = true }\n";
    a_wrong_type: "[resource.fake_key.it]\nsize = \"big\"\nuses = \"x\"\n[resource.fake_bucket.it]\nbucket = [1]\nforce_destroy = 3\nrule = { prefix = \"x\" }\n";
    a_computed_attribute: "[resource.fake_bucket.it]\nbucket = \"x\"\narn = \"mine\"\n";
    a_missing_argument: "[resource.fake_bucket.it]\ncomment = \"x\"\nrule = [{ days = 1000 }]\n";
    a_missing_variable: "[variable.name]\n[variable.other]\ntype = \"list(string)\"\n[resource.fake_bucket.it]\nbucket = \"${var.name}\"\n";
    a_reference_to_nothing: "[locals]\na = \"${local.b} ${var.x} ${fake_key.that.id} ${fake_key.it.sise} ${data.fake_bucket.x.id} ${env.nam} ${each.key} ${module.x.y} ${plain} ${fake_key}\"\n[resource.fake_key.it]\n";
    a_circle_of_locals: "[locals]\na = \"${local.b}\"\nb = \"${local.c}\"\nc = \"x ${local.a}\"\n";
    a_circle_of_resources: "[resource.fake_key.a]\nuses = [\"${fake_key.b.id}\"]\n[resource.fake_key.b]\ndepends_on = [\"fake_key.a\"]\n";
    a_circle_through_a_module: "[module.inner]\nsource = \"inner\"\nname = \"${local.a}\"\n[locals]\na = \"${module.inner.id}\"\n";
    something_that_names_itself: "[resource.fake_key.a]\nuses = [\"${fake_key.a.id}\"]\n[locals]\nb = \"${local.b}\"\n";
    a_key_that_comes_twice: "[resource.fake_key.it]\nsize = 1\nsize = 2\n";
    a_table_that_comes_twice: "[resource.fake_key.it]\n[resource.fake_key.it]\n";
    invalid_toml: "[resource.fake_key.it]\nsize = \n[resource.fake_key.other\n";
    json_that_is_none: "[resource.fake_bucket.it]\nbucket = \"x\"\npolicy = '{ \"Statement\": [ }'\n";
    an_expression_that_cannot_be_read: "[locals]\na = \"${1 +}\"\nb = '''\nline one\n${foo(}\n'''\n";
    an_unknown_function: "[locals]\na = '${uper(\"x\")}'\nb = \"${frobnicate()}\"\n";
    a_function_that_fails: "[locals]\na = '${upper()}'\nb = '${file(\"nothing.txt\")}'\nc = '${tonumber(\"x\")}'\n";
    an_expression_that_fails: "[locals]\na = \"${[1, 2][5]}\"\nb = \"${{ x = 1 }.y}\"\nc = \"text ${[1]}\"\nd = \"${1 + true}\"\n";
    an_unknown_module: "[module.a]\nsource = \"nowhere\"\n[module.b]\n[module.c]\nsource = \"${var.x}\"\n";
    a_module_that_uses_itself: "[module.a]\nsource = \"itself\"\n";
    a_module_with_mistakes: "[module.a]\nsource = \"broken\"\n[module.b]\nsource = \"broken\"\n";
    wrong_arguments_of_a_module: "[module.a]\nsource = \"inner\"\nnam = \"x\"\n[module.b]\nsource = \"inner\"\nname = [\"x\"]\n";
    an_unknown_kind: "[resource.fake_buckt.it]\n[resource.aws_teapot.it]\n[data.fake_key.it]\n";
    an_unknown_section: "[resources.fake_key.it]\n[local]\na = 1\n";
    a_name_that_is_none: "[resource.fake_key.\"a b\"]\n[locals]\n\"1a\" = 1\n";
    meta_arguments: "[resource.fake_key.it]\ncount = 2\ndepends_on = \"fake_key.x\"\nlifecycle = { prevent_destory = true, ignore_changes = [1] }\n[resource.fake_key.other]\ndepends_on = [\"fake_key.nothing\", \"${fake_key.it}\"]\n";
    repetition: "[resource.fake_key.a]\nfor_each = 5\n[resource.fake_key.b]\nfor_each = [1, 2]\n[resource.fake_key.c]\nlifecycle = { enabled = \"maybe\" }\n[resource.fake_key.d]\nfor_each = [\"${fake_key.a.id}\"]\n[resource.fake_key.e]\nsize = \"${each.value}\"\n";
    a_module_that_is_repeated_by_itself: "[module.a]\nsource = \"inner\"\nname = \"x\"\nfor_each = [\"${module.a.id}\"]\n[module.b]\nsource = \"inner\"\nname = \"x\"\nlifecycle = { enabled = \"${local.b}\" }\n[locals]\nb = \"${module.b.id}\"\n";
    a_template_in_itself: "[locals]\na = '${templatefile(\"itself.tpl\", {})}'\n";
    a_repetition_that_is_known_later: "[resource.fake_key.a]\n[resource.fake_key.b]\nfor_each = [\"${fake_key.a.id}\"]\n";
    a_list_without_an_end: "[resource.fake_key.a]\nuses = [\"a\", \"b\"\nsize = 1\n[resource.fake_key.b]\nuses = [\n  \"a\"\n  \"b\",\n]\n";
    a_table_without_an_end: "[resource.fake_bucket.a]\nbucket = \"a # [\"\nversioning = { enabled = true\n";
    a_misspelled_kind: "[resource.fake_kye.a]\n[locals]\na = \"${fake_key.a.id}\"\n";
    misspelled_arguments_of_the_language: "[resource.fake_key.a]\nfor_eahc = [\"x\"]\ncolor = \"${each.key}\"\n[resource.fake_key.b]\nlifecylce = { enabled = false }\n[module.c]\nsuorce = \"inner\"\n[module.d]\nsource = \"inner\"\nname = \"x\"\ncount = 2\n";
    something_wrong_where_there_is_nothing: "[resource.fake_bucket.it]\nbuckt = \"x\"\nrule = [{ days = 1000 }]\nlifecycle = { enabled = false }\n[locals]\na = '${false ? uper(\"x\") : 1}'\n";
    a_variable_that_is_wrong: "[variable.a]\ntype = \"lst(string)\"\n[variable.b]\ntype = \"number\"\ndefault = \"x\"\n[variable.c]\ndefault = 5\nvalidation = { condition = \"${var.c > 9}\", error_message = \"c is more than 9\" }\n[variable.d]\ndefalt = 1\n";
    an_output_that_is_wrong: "[output.a]\n[output.b]\nvalu = 1\n[output.c]\nvalue = \"${fake_key.x.id}\"\n";
    a_check_that_is_wrong: "[check.a]\n[check.b]\ndescription = 5\nasert = 1\nseverity = \"fatal\"\nlifecycle = { enabeld = true }\nhttp = \"https://a\"\n[check.c]\ndescription = \"C\"\nassert = { condition = \"${var.x}\" }\n";
    a_check_that_says_something_wrong: "[check.a]\ndescription = \"A\"\nskip = 3\nlifecycle = { enabled = \"maybe\" }\n[[check.a.assert]]\ncondition = \"${1 + 1}\"\nerror_message = \"x\"\n[[check.a.assert]]\ncondition = \"${[][1]}\"\nerror_message = \"${fake_key.it.sise}\"\n[check.a.http]\nurl = \"ftp://a\"\nmethd = \"GET\"\nmethod = \"FETCH\"\nexpect_status = 200\ntimeout = 0\nattempts = 1000\nsigned_by = { key_pair_id = \"K1\", with = \"ink\" }\n[check.a.s3]\nkey = \"\"\n[check.a.media_convert_job]\nrole = \"r\"\njob_template = \"t\"\ninput = \"a.mp4\"\ndestination = \"s3://a/b\"\nexpect_keys = [\"x\"]\n[resource.fake_key.it]\n";
    a_check_of_a_disabled_thing: "[check.a]\ndescription = \"A\"\nlifecycle = { enabled = false }\nhttp = { url = \"ftp://a\" }\n[check.b]\ndescription = \"B\"\nlifecycle = { enabled = \"${fake_key.it.id != null}\" }\nhttp = { url = \"ftp://b\" }\n[resource.fake_key.it]\n";
    several_at_once: "[locals]\na = \"${local.b}\"\n[resource.fake_key.it]\nsise = 1\nsize = \"x\"\n[resource.fake_bucket.it]\n";
}

#[test]
fn an_environment_that_is_wrong() {
    let mut world = World::new();
    world.write("env.toml", "[env]\nname = \"De v\"\nregion = \"mars\"\naccount_id = \"12\"\ntags = { a = 1 }\nprotct = true\n[state]\nbackend = \"floppy\"\n");
    insta::assert_snapshot!(world.problems());
    world.write("env.toml", "[resource.fake_key.it]\n");
    insta::assert_snapshot!("no_environment", world.problems());
}
