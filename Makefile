# The two commands of the README are `make demo` and `make test`; the rest is for developers.

SWIFT ?= swift
MODEL = models/SmolLM2-135M-Instruct.Q4_1.gguf
SOURCES = Sources sandbox tools environments Tests Package.swift
PEERS = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/agentenv/test-peers

# Tests that need a Python peer skip themselves unless these name one that has it; `make peers` makes them.
export AGENTENV_TEST_PYTHON ?= $(wildcard $(PEERS)/bin/python)
export AGENTENV_TEST_PYTHON_MCP1 ?= $(wildcard $(PEERS)-mcp1/bin/python)
export AGENTENV_TEST_PYTHON_MCP2 ?= $(wildcard $(PEERS)-mcp2/bin/python)
$(foreach name,AGENTENV_TEST_PYTHON AGENTENV_TEST_PYTHON_MCP1 AGENTENV_TEST_PYTHON_MCP2,$(if $($(name)),,$(eval unexport $(name))))

# A test waits its turn rather than its deadline: all at once would queue up behind those that compute.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 4

.PHONY: demo test lint packages release peers model bench clean

# From a bare machine to a trained tool user.
demo: release
	.build/release/agentrl train recipes/quickstart.yaml

# All tests, with the numeric kernels optimised (they are in debug builds, too). The attacks on the sandbox come last and
# alone: they load the machine, and other tests have deadlines.
test: packages
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest --skip '^SandboxTests\.'
	$(SWIFT) test --skip-build --disable-xctest --filter '^SandboxTests\.'

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

# Debian packages that are missing; says which before it installs them.
packages:
	@scripts/bootstrap

release: packages
	$(SWIFT) build -c release

peers:
	@scripts/bootstrap --python
	@scripts/test-peers

model: $(MODEL)

$(MODEL):
	@scripts/bootstrap --python
	scripts/fetch-smollm2

# One whole GRPO step, side by side with TRL. Takes about 20 minutes on 2 cores.
bench: release model
	benchmarks/compare-step --policy $(MODEL)

# Build products only: models and runs stay.
clean:
	rm -rf .build
