//! Prints the manifest's JSON Schema: `cargo run -p manifest --example schema`.

fn main() {
    print!("{}", manifest::json_schema());
}
