#!/bin/sh
# Sockets that are exchanged for others while a call names them: no address is
# reached that is denied, and nothing is passed that may not be.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have python3; then
	skip "sockets that are exchanged" "no python3"
	exit 0
fi
LIMIT=120
D=$T/servers
mkdir -p "$D"
: >"$D/hits"
python3 "$HOME/bin/netserver.py" "$D" >"$D/log" 2>&1 &
server=$!
trap 'kill $server' EXIT
wait_for 300 test -f "$D/ports" || { echo "not ok - servers"; exit 1; }
read -r P Q S <"$D/ports"

# the attack is one: without rules it arrives, sooner or later
attack() {	# HOW
	"$HOME/bin/netswap" "$1" "$P" "$Q" 4000 >"$T/bare" 2>&1
	wait_for 5 test -s "$D/hits"
}
for how in send msg connect fastopen; do
	: >"$D/hits"
	wait_for 200 attack $how
	[ -s "$D/hits" ]
	ok "$how: bare, what is denied is reached" "$(cat "$T/bare")"
done
sleep 0.3
: >"$D/hits"
for how in send msg connect fastopen; do
	run -v -r "allow net connect, send { tcp udp } to 127.0.0.1 port $P" \
	    -r "allow net connect, send unix path \"$D/good\"" \
	    -r "allow read, exec under \"$HOME/bin\"" -- \
	    "$HOME/bin/netswap" $how "$P" "$Q" ${NETSWAP_N:-4000}
	is "$how: some calls are made" "$st:$out" "0:some"
	like "... and the broker was asked" "$err" \
	    'notified:.* (connect|sendto|sendmsg) [0-9]{3}'
done
sleep 0.3
is "nobody reached what is denied" "$(sort "$D/hits" | uniq -c)" ""
bad() {
	"$HOME/bin/netswap" control "$WORK" x 4000 >"$T/bare" 2>&1
	! grep -q ', 0 bad' "$T/bare"
}
wait_for 60 bad
unlike "control: bare, directories and devices arrive" "$(cat "$T/bare")" ', 0 bad'
run -r "allow net bind, connect, send unix path \"$WORK/control\"" \
    -r "allow net send udp to loopback port $P" \
    -r "allow read, exec under \"$HOME/bin\"" -- \
    "$HOME/bin/netswap" control "$WORK" x ${NETSWAP_N:-4000}
is "control: files only, whatever is rewritten meanwhile" "$st:$out" \
    "0:some passed, 0 bad"
exit 0
