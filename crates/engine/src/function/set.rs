//! Functions on sets: lists in order, with each element once.

use super::conversion::unified;
use super::order::compare;
use super::{Arguments, Function};
use crate::value::Value;

/// The most elements that `setproduct` makes: more would be a mistake, and could exhaust the memory.
const MOST_PRODUCTS: usize = 100_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "setintersection",
        &["first_set", "other_sets"],
        intersection,
        "The elements that all sets have.",
    )
    .variadic(),
    Function::new("setproduct", &["sets"], product, "All combinations of one element of each list.")
        .variadic()
        .partial(),
    Function::new(
        "setsubtract",
        &["a", "b"],
        subtract,
        "The elements of the first set that the second has not.",
    ),
    Function::new("setunion", &["first_set", "other_sets"], union, "The elements that any of the sets has.")
        .variadic(),
];

/// The set of these values, all of them known.
pub(super) fn set_of(items: &[Value]) -> Value {
    let mut items = unified(items.iter()).unwrap_or_else(|| items.to_vec());
    items.sort_by(compare);
    items.dedup_by(|left, right| compare(left, right).is_eq());
    Value::List(items)
}

fn all<'a>(arguments: &Arguments<'a>) -> Result<Vec<&'a [Value]>, String> {
    (0..arguments.rest(0).len()).map(|position| arguments.list(position)).collect::<Result<_, _>>()
}

fn intersection(arguments: &Arguments<'_>) -> Result<Value, String> {
    let sets = all(arguments)?;
    let (first, others) = sets.split_first().map_or((&[][..], &[][..]), |(first, others)| (*first, others));
    let common: Vec<Value> =
        first.iter().filter(|item| others.iter().all(|other| other.contains(item))).cloned().collect();
    Ok(set_of(&common))
}

fn union(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(set_of(&all(arguments)?.concat()))
}

fn subtract(arguments: &Arguments<'_>) -> Result<Value, String> {
    let without = arguments.list(1)?;
    let rest: Vec<Value> =
        arguments.list(0)?.iter().filter(|item| !without.contains(item)).cloned().collect();
    Ok(set_of(&rest))
}

fn product(arguments: &Arguments<'_>) -> Result<Value, String> {
    let sets = all(arguments)?;
    if sets.len() < 2 {
        return Err("at least two lists are required".to_owned());
    }
    if sets.iter().any(|set| set.is_empty()) {
        return Ok(Value::List(Vec::new()));
    }
    let size = sets.iter().try_fold(1_usize, |size, set| size.checked_mul(set.len()));
    if size.is_none_or(|size| size > MOST_PRODUCTS) {
        return Err(format!("the lists have more than {MOST_PRODUCTS} combinations"));
    }
    let mut products: Vec<Vec<Value>> = vec![Vec::new()];
    for set in sets {
        products = products
            .iter()
            .flat_map(|product| {
                set.iter().map(|item| {
                    let mut longer = product.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
    }
    Ok(Value::List(products.into_iter().map(Value::List).collect()))
}
