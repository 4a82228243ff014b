#!/bin/sh
# SIGKILL of any role at any moment: within a second no process of the tree is
# alive, and the exit status is not 0.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

cat >tree.sh <<'SH'
# a tree of processes: groups, sessions, orphans, blocked opens, openers
mkfifo f.$1 2>/dev/null
sleep 1000.$1 & sh -c "sleep 1000.$1 & wait" & setsid sleep 1000.$1 &
(setsid sh -c "sleep 1000.$1 & exec sleep 1000.$1" &) ; (cat f.$1 &)
sh -c "while :; do cat /etc/passwd >/dev/null; sleep 0.01; done # 1000.$1" &
echo up >up.$1
while :; do read x </etc/passwd; done # 1000.$1
SH
left() { pgrep -u "$(id -u)" -f "1000\.$1\$|f\.$1\$|sh tree.sh $1\$"; }
gone() { ! left "$1" >/dev/null; }

# role_pid ROLE: of the sandbox that is $job
role_pid() {
	case $1 in
	monitor)	echo $job ;;
	lane)		p=$(role_pid policy)
			[ -n "$p" ] && pgrep -P "$p" -f 'policy lane' | head -1 ;;
	*)		pgrep -P $job -f "^privsep-sandbox: $1\$" ;;
	esac
}

# strike ROLE N DELAY
n=0
strike() {
	n=$((n + 1))
	rm -f up.$n
	"$PRIVSEP" -- sh tree.sh $n >"$T/o" 2>"$T/e" &
	job=$!
	if [ "$2" = up ]; then
		wait_for 50 test -e up.$n
		[ -e up.$n ] || echo "# the tree did not come up"
		sleep 0.$((n * 7 % 4))
	else
		sleep "$2"
	fi
	pid=$(role_pid "$1")
	if [ -z "$pid" ]; then
		[ "$2" != up ]
		ok "$1 could be found (round $n)"
		kill -TERM $job
	else
		kill -KILL "$pid" 2>/dev/null
	fi
	start=$(date +%s%N)
	wait $job
	st=$?
	took=$((($(date +%s%N) - start) / 1000000))
	if ! gone $n; then
		wait_for 10 gone $n
	fi
	gone $n >/dev/null && [ $st -ne 0 ] && [ $took -lt 1500 ]
	ok "$1 killed, $2 (round $n)" "status $st after $took ms" \
	    "$(left $n | xargs -r ps -o pid,ppid,stat,args -p)" \
	    "$(cat "$T/e")"
	left $n | xargs -r kill -KILL >/dev/null 2>&1
	if [ "$1" != monitor ] && [ "$2" = up ]; then
		like "... and the log names it" "$(cat "$T/e")" \
		    "(policy|receiver|integrity|lane).*(killed by signal 9|gone|ends)"
	fi
}

for role in receiver policy integrity lane; do
	for i in 1 2; do strike $role up; done
done
is "no temporary directory is left behind" "$(leftovers)" ""
for i in 1 2 3; do strike monitor up; done
for d in 0 0.002 0.005 0.01 0.02 0.03 0.05; do
	strike monitor $d
done
for d in 0.005 0.01 0.02 0.04; do
	strike receiver $d
	strike policy $d
	strike integrity $d
done
! pgrep -P 1 -u "$(id -u)" -f '^privsep-sandbox: '
ok "no role is left"
run -- true
is "... nor a temporary directory, once another run has started" \
    "$(leftovers)" ""

# Other ends of the monitor.
for sig in TERM HUP; do
	# nohup(1) around the tests would have it ignore SIGHUP, rightly
	env --default-signal=$sig "$PRIVSEP" -- sh -c \
	    "echo up >up; exec sleep 1000.$$" 2>"$T/e" &
	job=$!
	wait_for 50 test -e up; rm -f up
	kill -$sig $job
	wait $job
	st=$?
	! pgrep -f "sleep 1000.$$\$" && [ $st -ne 0 ]
	ok "SIG$sig to the monitor ends the command" "status $st"
done
is "... and no directory is left" "$(leftovers)" ""
