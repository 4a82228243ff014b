#!/bin/sh
# Every line that -n prints for a shipped profile is true: an access that it
# lets pass passes and one that it refuses fails, for root and for an ordinary
# user.  In a private world, where all that the lines name exists; see world.py.
PASSES=once
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"
E=$SRC/regress/e2e
UIDS="0 65534"

# world UID PROGRAM [POLICY]
world() {
	w_uid=$1
	w_prog=$2
	shift 2
	mkdir -p "$T/world.$w_uid"
	python3 -B "$E/world.py" "$w_prog" \
	    "$HOME/bin/tryer" "$SRC/monitor/profiles" "$T/world.$w_uid" \
	    "$w_uid" "$@"
}

# Of the machine what a world would change.
machine() {
	ls -d /*-beside /probe /etc/*-beside /dev/*-beside /var/lib/*-beside \
	    /usr/bin/tryer /home/tester 2>/dev/null
	stat -c '%u:%g %a %n' / /usr /usr/bin /opt /srv /home /etc /etc/* /dev/* \
	    /var/lib /run 2>/dev/null
	cksum /etc/passwd
	cat /proc/self/mounts
}

if ! have python3; then
	skip "profiles" "no python3"
	exit 0
fi
mkdir "$T/try"
if [ "$(id -u)" -ne 0 ] || ! unshare -m --propagation private sh -c '
	cd "$0" && mount -n -t tmpfs world . && cd "$0" && mkdir u w r &&
	mount -n -t overlay -o lowerdir=/,upperdir=u,workdir=w world r
    ' "$T/try" 2>/dev/null; then
	skip "profiles" "a private world takes root, tmpfs and overlay"
	exit 0
fi

machine >"$T/before"
for u in $UIDS; do
	world "$u" "$PRIVSEP" >"$T/out.$u" 2>&1 &
done
wait
for u in $UIDS; do
	for n in $(cd "$SRC/monitor/profiles" && ls | sed 's/\.conf$//') \
	    default_home default_config strict_home agent_config; do
		grep -q "^good $n\$" "$T/out.$u"
		ok "uid $u: profile $n: each line passes and refuses" \
		    "$(sed -n "/^profile $n\$/,/^[a-z]* $n\$/p" \
		    "$T/out.$u" | cut -c1-200)" "$(tail -3 "$T/out.$u")"
	done
	grep -q '^good text$' "$T/out.$u"
	ok "uid $u: every path of the profiles' text is in some -n" \
	    "$(grep 'in no -n' "$T/out.$u")"
	is "uid $u: default and build: each kind of access on both sides" \
	    "$(sed -n -E '/^profile (default|build)$/,/^good/p' "$T/out.$u" |
	    sed -n 's,^# pass/fail: ,,p' | tr ',' '\n' |
	    grep -v readdir | grep -c -E '^ ?[a-z]+ [1-9][0-9]*/[1-9]')" 38
	sed -n '/^profile default$/,/^good/p' "$T/out.$u" |
	    awk '/denials beside/ { exit !(2 * $2 > $4) }'
	ok "uid $u: default: most denials stand beside the same access allowed"
	sed -n -E 's/^(profile|# [0-9])/# \1/p' "$T/out.$u"
done

# It would say so.  The program is found through our root directory.
liar() {	# ARGS of all runs but -n
	cat >"$T/liar" <<LIAR
#!/bin/sh
[ "\$1" = -n ] && exec /proc/$$/root$PRIVSEP "\$@"
exec /proc/$$/root$PRIVSEP $* "\$@"
LIAR
	world 0 "$T/liar" "$policy" >"$T/out" 2>&1
	echo "$?:$(grep -c ' instead of ' "$T/out"):$(grep -E \
	    '^(bad|good) ' "$T/out")"
}
policy='allow readdir under /
allow read, exec under { /usr /lib /lib64 /bin /etc }
deny contents under /etc/wireguard'
is "a program that does what it prints" "$(liar)" "0:0:good given"
like "one that lets more pass is found" \
    "$(liar "-r 'allow read under /etc/wireguard'")" \
    '^1:[1-9][0-9]*:bad given'
like "one that refuses more is found" "$(liar "-r 'deny read under /etc'")" \
    '^1:[1-9][0-9]*:bad given'
policy="$policy
allow read /usr/no/such/thing"
like "a line that was not tried is a failure" "$(liar; cat "$T/out")" \
    'no/such/thing": no access that must pass'
unlike "... whatever else is right" "$(liar)" good

machine >"$T/after"
cmp -s "$T/before" "$T/after"
ok "nothing of it is on the machine" "$(diff "$T/before" "$T/after")"
