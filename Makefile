.PHONY: help setup peers report watch verify emulate keras test bench bench-diff speed quality check clean
names = $(filter $(notdir $(wildcard experiments/*)),$(MAKECMDGOALS))
# A name alone is reported on; after another of these targets it is what that is done to.
$(names): $(if $(filter watch verify emulate keras,$(MAKECMDGOALS)),,report)
	@:
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 16
setup: ## fetch libtorch if it is missing
	@python3 crates/keras/libtorch/setup.py
peers: ## install the Python frameworks that the engines are timed against
	@python3 experiments/training-speed/peers/setup.py
report: setup ## run the experiments that are not up to date, or those named after it, rebuild reports/, compare with the published numbers
	@cargo run --release --quiet -p tunebook -- report $(names)
watch: setup ## run the experiment named after it whenever a file of it is saved, and serve its page
	@cargo run --release --quiet -p tunebook -- watch $(names)
verify: setup ## run every experiment again, compare every byte and pixel with reports/
	@cargo run --release --quiet -p tunebook -- verify $(names)
emulate: setup ## run every experiment as other processors, the long ones in short, and compare every digested file; needs qemu-user
	@cargo run --release --quiet -p tunebook -- emulate $(names)
keras: ## run the keras.py of every report, or of those named after it, with real Keras and compare
	@python3 crates/keras/python/run.py $(names)
test: setup ## every test
	cargo test --release --workspace
bench: setup ## time the training hot loops, compared with the last time
	cargo bench --workspace --bench '*'
bench-diff: setup ## time this tree beside its parent commit; fail if something lost a tenth of its speed
	@cargo run --release --quiet -p tunebook -- bench-diff
speed: setup ## time the post's training and those on real data beside their peers and add a record
	@cargo run --release --quiet -p training-speed --bin measure
quality: setup ## measure the samplers of searches and replace their record
	@cargo run --release --quiet -p search-comparison --bin quality
check: setup ## formatting, lints and documentation
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps --quiet
clean: ## remove what was built and fetched
	rm -rf target .libtorch .peers .cargo/config.toml
