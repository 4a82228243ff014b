#!/bin/sh
# Fault runs, $FAULT_RUNS of them (100), as root and as an ordinary user at the
# same time; what is done and looked at is in fault.py.  $FAULT_SEED does the
# same again, and with FAULT_RUNS=1 the one that failed.
runs=${FAULT_RUNS:-100}
seed=${FAULT_SEED:-$(($(date +%s) % 1000000 * 1000))}
bin=${PRIVSEP:-./privsep-sandbox}
slow=${BUILD:-build}/fault/slow
if [ ! -x "$bin" ] || [ ! -x "$slow" ]; then
	echo "1..0 # SKIP no $bin or no $slow: run make tests first"
	exit 1
fi
if grep -q -a __asan_init "$bin"; then
	echo "1..0 # SKIP memory limits and sanitizers do not go together"
	exit 0
fi
umask 022
top=$(mktemp -d /tmp/fault.XXXXXXXXXX) || exit 1
trap 'rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$top"
mkdir "$top/bin"
cp "$bin" "$slow" regress/fault/*.py "$top/bin/"
chmod -R go+rX "$top/bin"

pass() {	# name, uid, runs, first seed
	mkdir "$top/$1"
	python3 "$top/bin/fault.py" -u "$2" -n "$3" -s "$4" \
	    "$top/bin/privsep-sandbox" "$top/bin/slow" "$top/$1" \
	    >"$top/$1.tap" 2>"$top/$1.err"
	st=$?
	[ $st -le 1 ] && grep -q '^# .* over before' "$top/$1.tap" ||
	    echo "not ok - $1: ran to its end (status $st)" >>"$top/$1.tap"
}

if [ "$(id -u)" -eq 0 ] && [ "$runs" -gt 1 ]; then
	pass root 0 $((runs / 2)) "$seed" &
	pass user 65534 $((runs - runs / 2)) $((seed + runs / 2))
	wait
else
	pass user "${FAULT_UID:-$(id -u)}" "$runs" "$seed"
fi
for name in root user; do
	[ -e "$top/$name.tap" ] || continue
	cat "$top/$name.tap"
	sed 's/^/# /' "$top/$name.err"
done
echo "1..$(cat "$top"/*.tap | grep -c -E '^(not )?ok ')"
