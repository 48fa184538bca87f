#[no_mangle]
pub extern "C" fn double_of(number: i64) -> i64 {
    number * 2
}
