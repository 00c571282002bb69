//! What takes in bytes from outside, given the seeds of the fuzz targets and some thousand bytes that are like them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provision_engine::kind::Registry;

use crate::entries;
use crate::world::{Cloud, NoTime, kinds};

/// Bytes that mean something, or that must not be there.
const SPECIAL: &[u8] = b"\"'{}[]()$%,.=\n#\\\0\xff\xe2 09-";

/// How many inputs are made of the seeds of a target.
const INPUTS: usize = 2000;

#[test]
fn env_files() {
    let (registry, directory) = surroundings();
    each_input("env_file", |bytes| entries::env_file(bytes, &registry, directory.path()));
}

#[test]
fn expressions() {
    each_input("expression", entries::expression);
}

#[test]
fn states() {
    let (_, directory) = surroundings();
    each_input("state", |bytes| entries::state(bytes, directory.path()));
}

#[test]
fn plan_files() {
    let (registry, directory) = surroundings();
    each_input("plan_file", |bytes| drop(entries::plan_file(bytes, &registry, directory.path())));
}

fn surroundings() -> (Registry, tempfile::TempDir) {
    let registry = kinds::registry(&Arc::new(Cloud::default()), Arc::new(NoTime::default()));
    (registry, tempfile::tempdir().unwrap())
}

/// Calls `entry` with each seed of a fuzz target, each input that has once made it fail, and what is made of them. Says
/// which input it was that fails.
fn each_input(target: &str, entry: impl Fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let words = std::fs::read_to_string(fuzz.join("dictionary")).unwrap();
    let words: Vec<&str> = words
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'))
        .filter(|word| !word.contains('\\'))
        .collect();
    let mut seeds: Vec<PathBuf> = std::fs::read_dir(fuzz.join("seeds").join(target))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    seeds.sort();
    assert!(seeds.len() >= 3, "{target} has seeds");
    for path in &seeds {
        let seed = std::fs::read(path).unwrap();
        for round in 0..INPUTS / seeds.len() {
            let input = if round == 0 { seed.clone() } else { mutated(&seed, round as u64, &words) };
            let run = std::panic::AssertUnwindSafe(|| entry(&input));
            if std::panic::catch_unwind(run).is_err() {
                panic!("round {round} of {}: {:?}", path.display(), String::from_utf8_lossy(&input));
            }
        }
    }
}

/// Some bytes that are like the seed.
fn mutated(seed: &[u8], round: u64, words: &[&str]) -> Vec<u8> {
    let mut random = Random(round);
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(12).min(bytes.len() - at);
        match random.below(6) {
            0 => drop(bytes.drain(at..at + length)),
            1 => drop(bytes.splice(at..at + length, words[random.below(words.len())].bytes())),
            2 => bytes.insert(at, SPECIAL[random.below(SPECIAL.len())]),
            3 => {
                let part: Vec<u8> = bytes[at..at + length].repeat(1 + random.below(3));
                bytes.splice(at..at, part);
            }
            4 if at < bytes.len() => bytes[at] = random.below(256) as u8,
            _ => {
                // A line goes elsewhere.
                let mut lines: Vec<Vec<u8>> =
                    bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
                let line = lines.remove(random.below(lines.len()));
                lines.insert(random.below(lines.len() + 1), line);
                bytes = lines.join(&b'\n');
            }
        }
    }
    bytes
}

/// Numbers that follow from a seed: the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((number ^ (number >> 31)) % end.max(1) as u64).unwrap()
    }
}
