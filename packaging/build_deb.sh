#!/bin/sh
# Builds the Debian packages into a folder, in a temporary copy of this tree:
#
#   packaging/build_deb.sh [--without-libraries | --wheels FOLDER] FOLDER
#
# kmodtop brings the live view's libraries, which are fetched first, by their hashes, or taken
# from --wheels; see debian/README.source. --without-libraries: it depends on python3-textual.
# Needs git, and what debian/control names under Build-Depends; python3-pip for fetching.
set -eu

usage() {
    sed -n '4s/^# *//p' "$0" >&2
    exit 2
}

is_whole=yes wheels=
while [ $# -gt 1 ]; do
    case $1 in
        --without-libraries) is_whole=no ;;
        --wheels) wheels=$(cd "$2" && pwd) && shift ;;
        *) usage ;;
    esac
    shift
done
case ${1--} in -*) usage ;; esac
mkdir -p "$1"
output=$(cd "$1" && pwd)

cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
fi
PATH=/usr/sbin:/usr/bin:/sbin:/bin  # of Debian, and no other Python that may be there
export PATH SOURCE_DATE_EPOCH PYTHONDONTWRITEBYTECODE=1
mkdir "$work/kmodtop"
git ls-files -z --cached --others --exclude-standard |
    tar --create --null --files-from - | tar --extract --directory "$work/kmodtop"

cd "$work/kmodtop"
cp -r packaging/debian debian
if [ -n "$wheels" ]; then
    cp -r "$wheels" debian/wheels
elif [ $is_whole = yes ]; then
    python3 packaging/libraries.py fetch debian/wheels
fi
dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary
cp ../*.deb ../*.changes ../*.buildinfo "$output"
