#!/bin/sh
# $LONG_COMMANDS short commands (24000), $LONG_CALLS brokered opens (ten million)
# and $LONG_PATHS calls (a million) of every kind that names a file, each in one
# sandbox: memory and descriptors of each role stay as they are.
bin=${PRIVSEP:-./privsep-sandbox}
umask 022
top=$(mktemp -d /tmp/long.XXXXXXXXXX) || exit 1
trap 'rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$top/work"
cp "$bin" "${BUILD:-build}/fault/load" regress/fault/long.py "$top/"
chmod -R go+rX "$top"
cp "$top/load" "$top/work/"
python3 "$top/long.py" "$top/privsep-sandbox" "$top/work/load" "$top/work" \
    "${LONG_COMMANDS:-24000}" "${LONG_CALLS:-10000000}" \
    "${LONG_PATHS:-1000000}" >"$top/tap" 2>"$top/errors"
st=$?
cat "$top/tap"
sed 's/^/# /' "$top/errors"
[ $st -eq 0 ]; st=$?
[ $st -eq 0 ] || echo "not ok - ran to its end"
echo "1..$(($(grep -c -E '^(not )?ok ' "$top/tap") + st))"
