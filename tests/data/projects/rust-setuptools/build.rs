// Runs where the build runs, for another machine: it writes down which.
fn main() {
    let target = std::env::var("TARGET").unwrap();
    let place = std::env::var("OUT_DIR").unwrap();
    let text = format!("const TARGET: &std::ffi::CStr = c{target:?};\n");
    std::fs::write(format!("{place}/target.rs"), text).unwrap();
}
