#!/bin/sh
# -n -F writes the filters for audit: the instructions are byte for byte what
# the processes of a sandbox have loaded, as the kernel tells, and the pseudo
# code decides as the instructions do.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# filters NAME ARGS: into $T/NAME
filters() {
	name=$1
	shift
	run -n -F "$T/$name" "$@"
	is "$name: -n -F writes the filters" "$st:$err" 0:
	is "$name: two files for each, and nothing else" \
	    "$(cd "$T/$name" && echo *)" "$(for f in command integrity lane \
	    learn monitor nonet policy receiver resolver; do
		echo $f.bpf $f.pfc; done | tr '\n' ' ' | sed 's/ $//')"
}
filters plain
filters net -r 'allow net'
filters rules -r 'allow net connect to 127.0.0.1 port 9' \
    -r 'deny contents under "/nowhere"' -r 'set wx no'
cmp -s "$T/plain/command.bpf" "$T/net/command.bpf"
is "another policy, another filter of the command" $? 1
cmp -s "$T/plain/lane.bpf" "$T/net/lane.bpf"
ok "the roles' filters are the same under every policy"

run -n -F "$T/plain"
like "what is there is not written over" "$st:$err" "^125:.*File exists"
run -F "$T/other" -- true
like "-F without -n is an error" "$st:$err" "^125:.*-F is for -n"
[ ! -e "$T/other" ]
ok "... and makes nothing"

if ! have python3; then
	skip "pseudo code and instructions" "no python3"
	exit 0
fi
py() {
	timeout -k 5 120 python3 -B "$SRC/regress/e2e/filters.py" "$@" 2>&1
}
for f in plain net rules; do
	out=$(py same "$T/$f")
	like "$f: the pseudo code decides as the instructions do" "$out" \
	    '^same: command integrity lane learn monitor nonet policy receiver resolver; ALLOW ERRNO.* KILL_PROCESS TRAP USER_NOTIF$'
done
# the check can fail: one constant of the pseudo code is another
cp -r "$T/plain" "$T/bad"
sed -i '0,/action ALLOW/s//action TRAP/' "$T/bad/receiver.pfc"
unlike "pseudo code that is wrong is found" "$(py same "$T/bad")" '^same'

if [ "$(id -u)" -ne 0 ]; then
	skip "the filters that are loaded" "PTRACE_SECCOMP_GET_FILTER is root's"
	exit 0
fi
net='allow net connect to 127.0.0.1 port 9'
for uid in 0 65534; do
	mkdir "$T/as.$uid" && chown $uid "$T/as.$uid" && chmod 755 "$T" "$HOME"
	cd "$T/as.$uid" || exit 1
	for rule in 'set wx no' "$net"; do
		nonet='nonet '
		[ "$rule" != "$net" ] || nonet=
		rm -rf "$T/live"
		run -n -F "$T/live" -r "$rule"
		is "uid $uid, $rule: loaded is what is written, oldest first" \
		    "$(py live "$T/live" "$PRIVSEP" $uid -r "$rule")" \
		    "command: command
integrity: integrity
lane: ${nonet}policy lane
monitor: monitor
policy: ${nonet}policy
receiver: receiver"
	done
done
# the check can fail: a bit of a filter is another
printf '\001' | dd of="$T/live/lane.bpf" bs=1 seek=100 conv=notrunc 2>/dev/null
like "a filter that is not the one written is found" \
    "$(py live "$T/live" "$PRIVSEP" 0 -r "$rule")" '^lane: policy other$'
