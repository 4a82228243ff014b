#!/bin/sh
# A local socket that is hidden or masked is reached by no call, though all of
# the network is allowed; everything else on sockets is as it is bare.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
if ! have python3; then
	skip "sockets" "no python3"
	exit 0
fi

mkdir vis hid mask dir
for k in st dg sq; do
	set -- "$@" "$WORK/vis/$k" "$WORK/hid/$k" "$WORK/mask/$k"
done
abs=@privsep-$$
python3 "$HOME/bin/hidesock.py" serve "$@" $abs.st $abs.dg $abs.sq >served 2>&1 &
server=$!
trap 'kill $server' EXIT
i=0
while ! grep -q ready served && [ $i -lt 300 ]; do
	sleep 0.1
	i=$((i + 1))
done
cat >hide.conf <<CONF
profile "default"
allow net
allow read under "$HOME/bin"
hide quiet under "$WORK/hid"
mask quiet { "$WORK/mask/st" "$WORK/mask/dg" "$WORK/mask/sq" }
CONF
: >plain
tries() {	# PATHS: the answers, inside
	run -f hide.conf -- python3 "$HOME/bin/hidesock.py" try "$@"
}
bare() {
	timeout 60 python3 "$HOME/bin/hidesock.py" try "$@"
}


seen="$WORK/vis/st $WORK/vis/dg $WORK/vis/sq $WORK/absent $WORK/plain
    $WORK/plain/x $WORK/vis"
bare $seen >bare.seen
tries $seen
is "what is not hidden: each call as it is bare" \
    "$(printf '%s\n' "$out" | diff bare.seen -)" ""
like "... and it is reached" "$out" '^sendmmsg dg ok'

bare "$WORK/absent" "$WORK/absent" "$WORK/absent" >bare.absent
tries "$WORK/hid/st" "$WORK/hid/dg" "$WORK/hid/sq"
is "what is hidden: each call as for one that is not there" \
    "$(printf '%s\n' "$out" | diff bare.absent -)" ""
tries "$WORK/mask/st" "$WORK/mask/dg" "$WORK/mask/sq"
bare /dev/null /dev/null /dev/null >bare.null
is "what is masked: each call as for /dev/null" \
    "$(printf '%s\n' "$out" | diff bare.null -)" ""
grep -E 'hid|mask' served
[ $? -eq 1 ] && grep -q vis/dg served
ok "those who listen there heard nothing" "$(cat served)"

# Abstract names are the run's own, as without the broker.
run -r 'allow net' -r 'allow read under "'"$HOME/bin"'"' -- \
    python3 "$HOME/bin/hidesock.py" try $abs.st $abs.dg $abs.sq $abs-none
echo "$out" >net.abs
unlike "abstract sockets outside are not reached" "$out" ' ok$'
like "... but denied" "$out" 'sendmmsg dg EPERM'
tries $abs.st $abs.dg $abs.sq $abs-none
is "... nor where the broker is asked: each call as without it" \
    "$(printf '%s\n' "$out" | diff net.abs -)" ""
run -f hide.conf -- python3 "$HOME/bin/hidesock.py" own $abs-own.st \
    $abs-own.dg $abs-own.sq
echo "$out" >own.abs
run -r 'allow net' -r 'allow read under "'"$HOME/bin"'"' -- \
    python3 "$HOME/bin/hidesock.py" own $abs-own.st $abs-own.dg $abs-own.sq
is "its own are reached, each call as without the broker" \
    "$(printf '%s\n' "$out" | diff own.abs -)" ""
like "... they are" "$out" '^sendmmsg dg ok$'

# Another thread swaps the address for that of the hidden one meanwhile.
for how in unix; do
	run -f hide.conf -r 'allow read, exec under "'"$HOME/bin"'"' -- \
	    "$HOME/bin/netrace" $how "$WORK/vis/st" "$WORK/hid/st" 2000
	is "$how: the race ends" "$st" 0
	echo "# $out"
done
grep hid served
is "no address that is swapped leads there" "$?" 1

# The same by who holds it: nobody, where mounts hide it and nothing else does.
run -n -f hide.conf
like "-n: who looks" "$out" '^allow net	#.*the broker looks at each'
unlike "... is said" "$out" '^# not mediated: .*UNIX sockets'
run -n -r 'allow net'
like "-n: nobody looks where nothing is hidden" "$out" \
    '^# not mediated: the network, and UNIX sockets by path'
run -f hide.conf -- python3 -c '
import socket
for p in 0, 4:
    try: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, p); print("ok")
    except OSError as e: print(e.errno)'
is "a list of all local sockets is not to be had of the kernel" "$out" "ok
93"
run -r 'allow net' -r 'set dotdot deny' -- python3 -c '
import socket
try: socket.socket(socket.AF_UNIX).connect("../work/vis/st")
except OSError as e: print(e.errno)'
is "a name with .. is refused like a file's" "$st $out" "0 13"
