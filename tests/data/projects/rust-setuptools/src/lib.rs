//! An extension module that needs no crate of a registry: the part of Python's C API that it uses is declared here.
use std::ffi::{c_char, c_int, c_long, c_void, CStr};
use std::ptr::null_mut;

include!(concat!(env!("OUT_DIR"), "/target.rs"));

type Object = *mut c_void;

#[repr(C)]
struct Method {
    name: *const c_char,
    call: Option<unsafe extern "C" fn(Object, Object) -> Object>,
    flags: c_int,
    doc: *const c_char,
}

#[repr(C)]
struct Definition {
    // PyModuleDef_Base: an object's reference count and type, and three fields of the interpreter's own.
    base: [usize; 5],
    name: *const c_char,
    doc: *const c_char,
    size: isize,
    methods: *mut Method,
    slots: [*mut c_void; 4],
}

extern "C" {
    fn PyModule_Create2(definition: *mut Definition, version: c_int) -> Object;
    fn PyLong_FromLong(value: c_long) -> Object;
    fn PyUnicode_FromString(text: *const c_char) -> Object;
}

const API_VERSION: c_int = 1013;
const NO_ARGUMENTS: c_int = 4;

unsafe extern "C" fn target(_: Object, _: Object) -> Object {
    PyUnicode_FromString(TARGET.as_ptr())
}

unsafe extern "C" fn tokens(_: Object, _: Object) -> Object {
    PyLong_FromLong(macros::count!(a b c))
}

/// The length of a panic's message: unwinding works in the target.
unsafe extern "C" fn caught(_: Object, _: Object) -> Object {
    std::panic::set_hook(Box::new(|_| {}));
    let error = std::panic::catch_unwind(|| panic!("twelve bytes")).unwrap_err();
    PyLong_FromLong(error.downcast_ref::<&str>().unwrap().len() as c_long)
}

const fn method(name: &'static CStr, call: unsafe extern "C" fn(Object, Object) -> Object) -> Method {
    Method { name: name.as_ptr(), call: Some(call), flags: NO_ARGUMENTS, doc: null_mut() }
}

static mut METHODS: [Method; 4] = [
    method(c"target", target),
    method(c"tokens", tokens),
    method(c"caught", caught),
    Method { name: null_mut(), call: None, flags: 0, doc: null_mut() },
];

static mut MODULE: Definition = Definition {
    base: [1, 0, 0, 0, 0],
    name: c"rust_facts".as_ptr(),
    doc: null_mut(),
    size: -1,
    methods: &raw mut METHODS as *mut Method,
    slots: [null_mut(); 4],
};

#[no_mangle]
pub unsafe extern "C" fn PyInit_rust_facts() -> Object {
    PyModule_Create2(&raw mut MODULE, API_VERSION)
}
