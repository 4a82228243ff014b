#!/bin/sh
# What sockets do when the broker acts on them is what they do bare: names,
# errors, waiting, signals, messages of every size, control data, descriptors.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have python3; then
	skip "sockets" "no python3"
	exit 0
fi
LIMIT=200

bare() {
	D=$HOME/$1
	mkdir "$D"
	shift
	timeout -k 5 "$LIMIT" python3 "$HOME/bin/netsame.py" "$D" "$@" \
	    >"$T/bare" 2>&1 </dev/null
}
# NAME POLICY ARGS: the same lines, inside.
same_lines() {
	e2e_name=$1
	conf=$2
	D=$HOME/inside
	rm -rf "$D"
	mkdir "$D"
	shift 2
	run -v -f "$conf" -r "allow all under \"$D\"" \
	    -r "allow read under \"$HOME/bin\"" -- \
	    python3 "$HOME/bin/netsame.py" "$D" "$@"
	printf '%s\n' "$out" >"$T/in"
	sed "s,$HOME/inside,$HOME/bare,g" "$T/in" | cmp -s "$T/bare" -
	ok "$e2e_name" "$(diff -a "$T/bare" "$T/in" | cut -c1-150)" "$err"
	is "... all of them" "$(wc -l <"$T/in")" "$(wc -l <"$T/bare")"
}
notified() {	# CALL: how often the broker was asked
	printf '%s\n' "$err" | sed -n "s/.*notified:.* $1 \([0-9]*\).*/\1/p" |
	    tail -1
}

bare bare
like "the servers and clients work here" "$(cat "$T/bare")" '^many-connects'

cat >address.conf <<EOP
profile "default"
allow net bind tcp to any
allow net connect, bind, send { tcp udp } to { 127.0.0.0/8 [::1] 192.0.2.0/24 }
allow net accept tcp from loopback
allow net connect, bind, send unix any
EOP
same_lines "rules by address" "$WORK/address.conf"
for c in connect bind accept4 sendto sendmsg sendmmsg; do
	[ "$(notified $c)" -gt 0 ]
	ok "... $c was asked about" "$err"
done

cat >hide.conf <<EOP
profile "default"
allow net
hide "$HOME/nothing"
EOP
same_lines "all of the network, and a hidden name" "$WORK/hide.conf"
for c in connect bind sendto sendmsg sendmmsg; do
	[ "$(notified $c)" -gt 0 ]
	ok "... $c was asked about" "$err"
done
is "... accept4 was not" "$(notified accept4)" ""

printf '127.0.0.0/8\n::1\n192.0.2.0/24\n' >"$WORK/t.net"
cat >table.conf <<EOP
profile "default"
table <t> file "$WORK/t.net"
allow net bind tcp to any
deny net connect, send to any
allow net connect, bind, send { tcp udp } to <t>
allow net accept tcp from <t>
allow net connect, bind, send unix any
EOP
same_lines "rules by table" "$WORK/table.conf"
