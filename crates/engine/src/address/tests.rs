use super::*;

#[test]
fn an_address_tells_its_kind_and_its_block() {
    for (address, data, kind, block) in [
        ("aws_s3_bucket.it", false, "aws_s3_bucket", "aws_s3_bucket.it"),
        ("data.aws_region.it", true, "aws_region", "data.aws_region.it"),
        ("aws_s3_bucket.it[\"a.b\"]", false, "aws_s3_bucket", "aws_s3_bucket.it"),
        ("module.m.aws_s3_bucket.it", false, "aws_s3_bucket", "module.m.aws_s3_bucket.it"),
        ("module.a.module.b.data.aws_region.it", true, "aws_region", "module.a.module.b.data.aws_region.it"),
        (
            "module.m[\"x.y\"].aws_s3_bucket.it[\"k\"]",
            false,
            "aws_s3_bucket",
            "module.m[\"x.y\"].aws_s3_bucket.it",
        ),
    ] {
        let address = Address::from(address);
        assert_eq!((address.is_data(), address.kind(), address.block()), (data, kind, block));
    }
}

#[test]
fn an_address_tells_the_modules_that_it_is_in() {
    for (address, modules, name) in [
        ("aws_s3_bucket.it[\"module.a\"]", vec![], "aws_s3_bucket.it[\"module.a\"]"),
        ("module.a.data.aws_region.it", vec!["module.a"], "data.aws_region.it"),
        (
            "module.a[\"x.y\"].module.b.aws_s3_bucket.it",
            vec!["module.a[\"x.y\"]", "module.a[\"x.y\"].module.b"],
            "aws_s3_bucket.it",
        ),
    ] {
        let address = Address::from(address);
        assert_eq!((address.modules(), address.name()), (modules, name));
    }
}

#[test]
fn a_key_can_be_anything() {
    let block = BlockName { data: false, kind: "aws_s3_bucket".to_owned(), name: "it".to_owned() };
    for key in ["", "a", "a.b", "\"", "\"].x", "[\"", "[", "[]", "\\", "ü\n", "module.", "]"] {
        let module = format!("module.m[{key:?}].module.data.");
        for address in [Address::new(&module, &block, Some(key)), Address::new(&module, &block, None)] {
            assert_eq!((address.is_data(), address.kind()), (false, "aws_s3_bucket"), "{address}");
            assert_eq!(address.block(), format!("{module}aws_s3_bucket.it"), "{key:?}");
            assert_eq!(
                address.modules(),
                [format!("module.m[{key:?}]"), format!("module.m[{key:?}].module.data")]
            );
        }
    }
}
