#!/bin/sh
# Each process of a running sandbox is what the table in
# privsep-sandbox-design(7) says: user, capabilities, no_new_privs, filters,
# dumpable, root, core limit, environment, descriptors.  Read as root, of a
# sandbox of root's and of an ordinary user's.
PASSES=once
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# The rows of the manual's table, as roles.py prints them.
table() {
	sed -n '/^\.Ss The processes at run time/,/^\.El/p' \
	    "$SRC/man/privsep-sandbox-design.7" |
	    sed -n 's/^\.It \([a-z].*\)/\1/p' | sed 's/ Ta / | /g'
}

if ! have python3; then
	skip "the processes are as the manual says" "no python3"
	exit 0
fi
table >"$T/table"
[ "$(grep -c '|' "$T/table")" -ge 13 ]
ok "the manual has the table" "$(cat "$T/table")"

# rows UID [ARGS]
rows() {
	timeout -k 5 60 python3 -B "$SRC/regress/e2e/roles.py" "$PRIVSEP" "$@" \
	    2>&1
}
if [ "$(id -u)" -eq 0 ]; then
	UIDS="0 65534"
else
	# what is not dumpable does not show its descriptors
	skip "an ordinary user's processes" "only root can look at them all"
	exit 0
fi
chmod 755 "$HOME" "$WORK"
for uid in $UIDS; do
	mkdir "$T/$uid" && chown "$uid" "$T/$uid" && cd "$T/$uid" || exit 1
	chmod 755 "$T"
	rows "$uid" >"$T/rows.$uid"
	while read -r row; do
		grep -q -x -F -e "$row" "$T/table"
		ok "uid $uid: ${row%% |*}: is as the manual says" "$row" \
		    "$(grep "^${row%% |*} |" "$T/table")"
	done <"$T/rows.$uid"
	is "uid $uid: there is one of each" \
	    "$(sed 's/[ |].*//' "$T/rows.$uid" | tr '\n' ' ')" \
	    "command integrity lane monitor policy receiver "
	rows "$uid" -L "$T/$uid/learned" >"$T/learn.$uid"
	grep '^learn' "$T/learn.$uid" | grep -q -x -F -f "$T/table"
	ok "uid $uid: learn: is as the manual says" "$(cat "$T/learn.$uid")"
	rows "$uid" -r 'set nameserver 127.0.0.1' \
	    -r 'allow net connect tcp to host "a.test"' >"$T/names.$uid"
	grep '^resolver' "$T/names.$uid" | grep -q -x -F -f "$T/table"
	ok "uid $uid: resolver: is as the manual says" \
	    "$(cat "$T/names.$uid")"
done
# every row is of a process that there is
sort -u "$T"/rows.* "$T"/learn.* "$T"/names.* | grep -x -F -f "$T/table" |
    sed 's/ |.*//' | sort >"$T/seen"
is "the table has no other row" "$(sed 's/ |.*//' "$T/table" | sort)" \
    "$(cat "$T/seen")"
