#!/bin/sh
# The tests, in one line: makes the environment, installs what they need, checks style, types and layers, and runs
# pytest, to which all arguments go. With CI=true a missing browser or database server is a failure.
set -eu
cd "$(dirname "$0")/.."

# Hundreds of processes import the same modules: what is imported is compiled once, and nothing else is.
unset PYTHONDONTWRITEBYTECODE
[ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
    -r requirements.txt -r tests/requirements.txt

missing=""
found() { for name in "$@"; do command -v "$name" >/dev/null 2>&1 && return 0; done; return 1; }
found chromium chromium-browser google-chrome || missing="$missing chromium"
found initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && found apt-get; then
    echo "Installing$missing"
    apt-get update -qq
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

PATH="$PWD/.venv/bin:$PATH"
export PATH
ruff format --check .
ruff check .
lint-imports
# The types are checked beside the tests, in time that these wait for browsers and servers; what is wrong comes last.
types=$(mktemp)
trap 'rm -f "$types"' EXIT
mypy >"$types" 2>&1 &
checker=$!
# A file of tests stays on one worker: its fixtures hold servers and browsers. tests/conftest.py says how many workers
# there are and which files begin.
failed=0
python -m pytest -n auto --dist loadfile --no-loadscope-reorder "$@" || failed=$?
wait "$checker" || failed=1
cat "$types"
exit "$failed"
