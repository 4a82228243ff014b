#!/bin/sh
# ps(1) shows the processes by their roles, each confined in its own way.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

PASSED_SECRET=s3cr3t "$PRIVSEP" -k PASSED_SECRET -- sh -c \
    'echo up >up; exec sleep 60.5' argument &
job=$!
wait_for 50 test -e up
sleep 0.2
tree=$(ps -e -o pid=,ppid=,args= | awk -v j=$job '
    { pid[NR] = $1; pp[$1] = $2; $1 = ""; $2 = ""; a[NR] = $0 }
    END { for (i = 1; i <= NR; i++) { p = pid[i]; n = 0
    while (p != j && p > 1 && n++ < 20) p = pp[p]
    if (p == j) print pid[i] a[i] } }')
pid_of() { echo "$tree" | sed -n "s/^\([0-9]*\)  *privsep-sandbox: $1[ .]*\$/\1/p"; }

for role in monitor receiver policy integrity; do
	is "one $role" "$(pid_of $role | wc -l)" 1
done
is "the monitor is what was started" "$(pid_of monitor)" $job
is "one lane" "$(echo "$tree" | grep -c 'policy lane')" 1
is "the command keeps its own title" \
    "$(echo "$tree" | grep -c 'sleep 60.5$')" 1
is "nothing else" "$(echo "$tree" | wc -l)" 6
unlike "no title shows arguments of the command but its own" \
    "$(echo "$tree" | grep privsep)" "argument"

for role in monitor receiver policy integrity; do
	pid=$(pid_of $role)
	s=$(cat /proc/$pid/status)
	like "$role: filter, no_new_privs" \
	    "$(echo "$s" | grep -E '^(Seccomp|NoNewPrivs):' | tr -d '\n')" \
	    "NoNewPrivs:.1Seccomp:.2"
	caps=$(echo "$s" | awk '/^Cap(Eff|Prm|Inh|Amb)/ { print $2 }' |
	    sort -u | tr '\n' ' ')
	case $role in
	monitor)	like "$role: at most CAP_KILL" "$caps" \
			    "^(0000000000000000 )?(0000000000000020 )?$" ;;
	*)		is "$role: no capabilities" "$caps" \
			    "0000000000000000 " ;;
	esac
	# not dumpable: its files in /proc are root's
	is "$role: not dumpable" "$(stat -c %u /proc/$pid/mem)" 0
	if [ "$role" != monitor ]; then
		is "$role: own process group" \
		    "$(ps -o pgid= -p $pid | tr -d ' ')" $pid
	fi
done
if [ "$(id -u)" -eq 0 ]; then
	pid=$(pid_of integrity)
	like "integrity: another user" "$(awk '/^Uid/ { print $2 $3 $4 }' \
	    /proc/$pid/status)" "^(65534|[1-9][0-9]*)+$"
	is "integrity: no groups" \
	    "$(awk '/^Groups/ { print $2 }' /proc/$pid/status)" ""
	is "integrity: an empty root" "$(ls -A /proc/$pid/root/)" ""
	# sanitizers report on standard error
	err=/proc/$pid/fd/2
	grep -q -a __asan_init "$PRIVSEP" && err=
	is "integrity: standard files are /dev/null" \
	    "$(readlink /proc/$pid/fd/0 /proc/$pid/fd/1 $err | sort -u)" \
	    /dev/null
	maps=
	for role in monitor receiver policy integrity; do
		maps="$maps $(sed -n '/privsep-sandbox$/{s/-.*//p;q}' \
		    /proc/$(pid_of $role)/maps)"
	done
	is "each has its own address-space layout" \
	    "$(echo $maps | tr ' ' '\n' | sort -u | wc -l)" 4
	for role in receiver policy integrity; do
		unlike "$role: no secret of the command's environment" \
		    "$([ $role = receiver ] || tr '\0' '\n' \
		    </proc/$(pid_of $role)/environ)" s3cr3t
	done
else
	skip "integrity: another user, an empty root" "not root"
fi
kill $job
wait $job
! pgrep -P 1 -u "$(id -u)" -f '^privsep-sandbox: '
ok "all are gone at the end"
