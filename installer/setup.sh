# Shared by ./run and ./test: system libraries, virtual environment, Python packages.
# Sourced, not run. UNIAD_VENV chooses another place for the virtual environment.

UNIAD_VENV=${UNIAD_VENV:-$ROOT/.venv}

say() { printf 'uniad-desktop: %s\n' "$*" >&2; }

# Runs a command as root if this user may, without ever asking for a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo -n "$@"; else return 77; fi
}

# install_packages LIST-FILE…: installs those Debian packages that are not there yet.
# Without the right to do so the command to paste is printed and the caller goes on.
install_packages() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    local wanted missing=() name
    wanted=$(grep -hv '^#' "$@")
    for name in $wanted; do
        # libglib2.0-0 is called libglib2.0-0t64 from Debian 13 and Ubuntu 24.04 on.
        dpkg-query -W -f='${Status}\n' "$name" "${name}t64" 2>/dev/null | grep -q '^install ok installed' ||
            missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing system libraries: ${missing[*]}"
    if ! { as_root apt-get update -qq &&
           as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2; then
        say "these could not be installed here. Paste this, or go on without a window:"
        say "  sudo apt-get update && sudo apt-get install -y ${missing[*]}"
    fi
}

# The newest python on the path that is 3.11 or later.
find_python() {
    local name
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    say "Python 3.11 or later is needed and was not found. On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv"
    return 1
}

# GenICam's wheels link to Python's shared library, which Debian has in a package of its own.
install_libpython() {
    local version
    "$UNIAD_VENV/bin/python" -c 'import genicam.gentl' >/dev/null 2>&1 && return 0
    version=$("$UNIAD_VENV/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    install_packages <(echo "libpython$version")
}

# install_python EXTRAS: makes the virtual environment and installs the project into it, once
# for each state of pyproject.toml and of the C sources.
install_python() {
    local extras=$1 python stamp want
    want=$(cat "$ROOT/pyproject.toml" "$ROOT"/installer/hatch_build.py \
        "$ROOT"/uniad_desktop/simulator/build.py "$ROOT"/uniad_desktop/simulator/native/* 2>/dev/null | cksum)
    stamp="$UNIAD_VENV/.uniad$extras"
    if [ -x "$UNIAD_VENV/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return 0; fi
    if [ ! -x "$UNIAD_VENV/bin/pip" ]; then
        if ! python=$(find_python); then
            as_root true || return 1
            { as_root apt-get update -qq && as_root apt-get install -y -qq python3 python3-venv; } >&2 || return 1
            python=$(find_python) || return 1
        fi
        if ! "$python" -c 'import ensurepip' 2>/dev/null; then
            { as_root apt-get update -qq && as_root apt-get install -y -qq python3-venv; } >&2 ||
                { say "Python's venv module is missing. Paste: sudo apt-get install -y python3-venv"; return 1; }
        fi
        say "making a virtual environment in $UNIAD_VENV"
        "$python" -m venv "$UNIAD_VENV" || return 1
    fi
    say "installing Python packages (about 6 GB with torch; once)"
    "$UNIAD_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$ROOT$extras" >&2 || {
        say "the Python packages could not be installed; see the message above. Is the package index reachable?"
        return 1
    }
    install_libpython
    printf '%s' "$want" >"$stamp"
}
