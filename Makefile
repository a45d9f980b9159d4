# Everything below works on a machine with only make and python3 (3.11 or newer) with
# its venv module: what a target needs is installed into .venv first.

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
# The names hold a checksum of where this checkout lies: an environment that came along
# with a copied or moved checkout still points to the old place and is installed anew.
HERE := $(firstword $(shell pwd -P | cksum))
INSTALLED := .venv/installed-$(HERE)
# What is installed besides, for the targets that need it: extras of setup.cfg.
TEST := .venv/test-installed-$(HERE)
LINT := .venv/lint-installed-$(HERE)
DOCS := .venv/docs-installed-$(HERE)
WASM := .venv/wasm-installed-$(HERE)

# The matrix products here are thin: two BLAS threads wait more than they compute.
export OPENBLAS_NUM_THREADS ?= 1
# Matplotlib keeps a list of fonts; here it needs no home folder for that.
export MPLCONFIGDIR ?= $(CURDIR)/.venv/matplotlib

.DEFAULT_GOAL := help
.PHONY: help install figure-1 figures slides bench gpu-check site test lint wasm-check clean

help:
	@echo 'make install    make .venv, with the package and its command in it'
	@echo 'make figure-1   train with ReLU and with tanh, and draw Figure 1'
	@echo 'make figures    draw every figure from the recorded results, into figures/'
	@echo 'make slides     copy the figures and their captions into runs/slides'
	@echo 'make site       run the lessons and build the site, build/site/index.html'
	@echo 'make test       run the tests; ARGS="-k lrn" picks some'
	@echo 'make lint       check style and types'
	@echo 'make bench      measure how fast the layers are on this machine'
	@echo 'make gpu-check  check, measure and train on a GPU, and keep the records'
	@echo 'make wasm-check run the gradient checks and the lessons in WebAssembly'
	@echo 'make clean      remove .venv and what the tools left behind'
	@echo
	@echo 'ARGS="--help" shows the options of figure-1, slides, bench, gpu-check and wasm-check.'
	@echo 'Each makes .venv and installs what it needs when that is not there yet.'
	@echo 'PYTHON=python3.12 names another Python than python3.'

install: $(INSTALLED)

figure-1: $(INSTALLED)
	@$(VENV_PYTHON) figures/figure_1_relu_vs_tanh.py $(ARGS)

# Every figure that is in the repository, the same bytes from the same records; that of
# the augmentation says on which day it was drawn.
RECORDED := figures/results
figures: $(INSTALLED)
	@set -e; draw() { script=$$1; shift; \
	    $(VENV_PYTHON) figures/$$script.py "$$@" --out figures; }; \
	  draw figure_1_relu_vs_tanh --draw $(RECORDED)/figure_1_cifar10.jsonl; \
	  draw figure_2_architecture; \
	  draw figure_3_kernels; \
	  draw figure_4_predictions --draw $(RECORDED)/figure_4_shapes.jsonl; \
	  draw augmentation; \
	  draw claims --draw; \
	  draw claims --draw --only half overlapping-pooling; \
	  draw claims --draw --protocol figures/large_batches.toml; \
	  draw dropout --draw $(RECORDED)/dropout_cifar10.jsonl; \
	  draw response_normalization; \
	  draw results_bars; \
	  draw scaling; \
	  draw speed; \
	  $(VENV_PYTHON) -m minialexnet plot $(RECORDED)/tiny_imagenet.jsonl \
	    --out figures/tiny_imagenet.png

slides: $(INSTALLED)
	@$(VENV_PYTHON) figures/slides.py $(ARGS)

bench: $(INSTALLED)
	@$(VENV_PYTHON) -m minialexnet bench $(ARGS)

# Makes .venv itself, with CuPy in it, where there is a GPU.
gpu-check:
	@"$(PYTHON)" tests/gpu_check.py $(ARGS)

# What an earlier build has made is deleted first: a renamed lesson's pages would stay.
site: $(DOCS)
	@rm -rf lessons/site/lessons lessons/site/reference lessons/site/solutions build/site
	@$(VENV_PYTHON) -m sphinx --fail-on-warning --quiet --fresh-env \
	  --builder html --doctree-dir build/site-doctrees $(ARGS) lessons/site build/site
	@echo 'The site is in build/site: open build/site/index.html'

test: $(TEST)
	@$(VENV_PYTHON) -m pytest $(ARGS)

lint: $(LINT)
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy --strict minialexnet figures

wasm-check: $(WASM)
	@$(VENV_PYTHON) tests/wasm_check.py $(ARGS)

# The mark is made last, so an install that was interrupted is done again. What else is
# in .venv, such as CuPy, stays; a .venv that does not even run is made from nothing.
$(INSTALLED): setup.cfg pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo '$(PYTHON) was not found: install Python 3.11 or newer,' \
	    'or name one: make PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "minialexnet needs Python 3.11 or newer, and $(PYTHON) is" \
	    "$$("$(PYTHON)" --version 2>&1): name another one: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) lacks its venv module: on Debian and Ubuntu,' \
	    'sudo apt install python3-venv' >&2; exit 1; }
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 || { \
	  echo 'making .venv ...'; "$(PYTHON)" -m venv --clear .venv; }
	@echo 'installing into .venv, a minute or two ...'
	@rm -f .venv/installed-*
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check \
	  --editable .
	@touch $@

.venv/%-installed-$(HERE): $(INSTALLED)
	@echo 'installing the extra "$*" into .venv ...'
	@rm -f .venv/$*-installed-*
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check \
	  --editable '.[$*]'
	@touch $@

clean:
	rm -rf lessons/site/lessons lessons/site/reference lessons/site/solutions
	rm -rf lessons/site/_contents lessons/site/jupyterlite_contents lessons/site/.jup*
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find minialexnet figures lessons tests -name __pycache__ -type d -prune -exec rm -rf {} +
