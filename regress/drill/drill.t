#!/bin/sh
# Drills: one role at a time is hostile, the others as shipped.  What it tries
# fails, or ends the run; see drill_run.c.  As root and as an ordinary user.
bins=$(cd "${BUILD:-build}/drill" 2>/dev/null && pwd)
if [ -z "$bins" ] || [ ! -f "$bins/run" ]; then
	echo "1..0 # SKIP no drills in this build (none with sanitizers)"
	exit 0
fi
umask 022
top=$(mktemp -d /tmp/drill.XXXXXXXXXX) || exit 1
trap 'rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$top"
cp -r "$bins" "$top/bin" && chmod -R go+rX "$top/bin"

pass() {	# name, uid
	d=$top/$1
	mkdir -p "$d/work" "$d/beyond"
	cp "$bins/inside" "$d/work/inside"
	cp "$bins/inside" "$d/work/.drillme"
	cp "$bins/inside" "$d/work/drillme.evil"
	cp "$bins/inside" "$d/work/map.evil"
	cp "$bins/inside" "$d/work/map.changed"
	printf x >>"$d/work/map.changed"
	cp "$bins/inside" "$d/beyond/drillme.prog"
	for f in drillme.others drillme.changed common/drillme.prog; do
		mkdir -p "$d/work/common"
		cp "$bins/inside" "$d/work/$f"
	done
	chmod 775 "$d/work/drillme.others"
	chmod 777 "$d/work/common"
	digest=$(sha256sum <"$bins/inside" | cut -c1-64)
	printf x >>"$d/work/drillme.changed"
	printf 'int main(void) { return 0; }' |
	    gcc -no-pie -x c -o "$d/work/drillme.nonpie" -
	echo PUBLIC >"$d/work/public"
	mkdir "$d/beyond/empty"
	echo DENIED >"$d/work/drill.secret"
	echo MINE >"$d/beyond/mine"
	echo MINE >"$d/beyond/drillme.mode"
	echo SECRET >"$d/beyond/.drillme"
	cat >"$d/policy.conf" <<-CONF
	profile "system"
	allow readdir under /
	allow read, write, create, delete, exec under "$d/work"
	deny exec glob "$d/work/*.evil"
	deny read glob "$d/work/*.secret"
	deny net
	set tpe yes
	tpe owner user
	verify exec "$d/work/drillme.changed" sha256 $digest
	deny exec class nonpie
	CONF
	cat >"$d/exact.conf" <<-CONF
	set late-siblings deny
	allow read, readdir under { /usr /lib /lib64 /etc }
	allow exec under { /usr /lib /lib64 }
	allow read, exec under "$d/work"
	deny read, exec "$d/work/drill.secret"
	deny net
	CONF
	# its denials of exec are about libraries too
	cat >"$d/library.conf" <<-CONF
	include "policy.conf"
	set libraries yes
	deny write, truncate "$d/work/map.changed"
	verify library "$d/work/map.changed" sha256 $digest
	CONF
	cat >"$d/resolver.conf" <<-CONF
	include "policy.conf"
	set nameserver "127.0.0.1" port 1
	allow net connect tcp to host "drill.test" port 80
	CONF
	printf 'include "policy.conf"\nset wx yes\nallow wx "%s"\n' \
	    "$d/work/nonexistent" >"$d/wx.conf"
	as=
	if [ "$2" -ne "$(id -u)" ]; then
		chown -R "$2:$2" "$d"
		as="setpriv --reuid=$2 --regid=$2 --clear-groups"
	fi
	(cd / && exec $as "$top/bin/run" "$d" "$top/bin" "$1") >"$d.tap"
	echo $? >"$d.st"
}

result() {	# name
	cp "$top/$1.tap" "$top/tap"
	st=$(cat "$top/$1.st")
	cat "$top/tap"
	k=$(grep -c -E '^(not )?ok ' "$top/tap")
	if [ $st -ne 0 ] || [ "$k" -eq 0 ]; then
		echo "not ok - $1: ran to its end (status $st)"
		k=$((k + 1))
	fi
	sum=$((sum + k))
	# a part of the drills is not what the tables are about
	[ -n "${DRILL_ONLY:-}" ] || tables "$1"
}

# What the manual says of a role, in one line.
taken() {	# role
	sed -n '/^\.Sh A ROLE TAKEN OVER/,/^\.Sh WHEN/p' \
	    man/privsep-sandbox-design.7 |
	    sed -n "/^\.It $1\$/,/^\.\(It\|El\)/p" | sed 's/^\.[A-Z][a-z] *//' |
	    tr '\n' ' ' | tr -s ' '
}
note() {	# STATUS NAME
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2"
	sum=$((sum + 1))
}

# What each process's domain allows, against the manual's table.
domains() {	# name
	for role in monitor receiver policy lane integrity learn; do
		is=$(sed -n "s/^# $1: domain of $role: //p" "$top/tap")
		want=$(sed -n '/^\.Ss The Landlock domain/,/^\.El/p' \
		    man/privsep-sandbox-design.7 |
		    sed -n "s/^\.It $role Ta //p")
		[ -n "$want" ] && [ "$is" = "$want" ]
		note $? "$1: the domain of $role is as the manual says: $is"
	done
}

# The drills against the tables beside this file, and against the protocol.
tables() {	# name
	domains "$1"
	grep -E '^(not )?ok ' "$top/tap" | sed "s/ - $1: / - /" >"$top/names"
	while IFS=';' read -r attempt roles name; do
		case $attempt in '#'*) continue ;; esac
		for role in $roles; do
			grep -q -E "^ok - $role: $name" "$top/names"
			note $? "$1: $role tries to $attempt: $name"
		done
	done <regress/drill/attempts
	: >"$top/said"
	while IFS=';' read -r role name says; do
		case $role in '#'*) continue ;; esac
		grep -q -E "^ok - $role: $name" "$top/names" &&
		    taken "$role" | grep -q -F -e "$says"
		note $? "$1: left to $role, shown and in the manual: $name"
		echo "^ok - $role: $name(, not this one)?\$" >>"$top/said"
	done <regress/drill/left
	grep -E ': .*it (can|may|has) ' "$top/names" |
	    grep -v -E -f "$top/said" >"$top/unsaid"
	[ ! -s "$top/unsaid" ]
	note $? "$1: all that is left to a role is in the table"
	sed 's/^/# /' "$top/unsaid"
	for type in $(sed -n 's/^\tMSG_[A-Z_]*.*= \([0-9]*\),.*/\1/p; s/^\tMSG_[A-Z_]*.*= \([0-9]*\)\t.*/\1/p' \
	    proto/proto.h); do
		grep -q -E "^ok - [a-z]*: message $type on" "$top/names"
		note $? "$1: message $type is forged"
	done
}

sum=0
if [ "$(id -u)" -eq 0 ]; then
	# each waits more than it works
	pass root 0 &
	pass user 65534
	wait
	result root
	result user
else
	pass user "$(id -u)"
	result user
fi
echo "1..$sum"
