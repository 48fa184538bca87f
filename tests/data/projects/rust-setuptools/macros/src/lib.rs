use proc_macro::TokenStream;

/// The number of tokens, counted by the compiler, which loads this crate as a library of its own machine.
#[proc_macro]
pub fn count(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().count().to_string().parse().unwrap()
}
