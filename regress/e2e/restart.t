#!/bin/sh
# set on-failure: what becomes of a run whose policy worker fails.
PASSES=together
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

echo content >data
echo SECRET >a.secret
cat >opens.py <<'EOF'
# Opens, one for each line of standard input, and says what came of it.
import errno, sys
for line in sys.stdin:
    try:
        print(open(line.strip()).read().strip(), flush=True)
    except OSError as e:
        print(errno.errorcode[e.errno], flush=True)
EOF

# begin MODE: a sandbox whose opens are the policy worker's, told by a FIFO
begin() {
	rm -f in out err
	mkfifo in
	: >out
	"$PRIVSEP" -w -r "set on-failure $1" \
	    -r "deny read glob \"$WORK/*.secret\"" -- python3 opens.py \
	    <in >out 2>err &
	job=$!
	exec 3>in
	policy=
	wait_for 100 policy_up
}
policy_up() {
	policy=$(pgrep -P $job -f '^privsep-sandbox: policy' | head -1)
	[ -n "$policy" ] && [ -n "$(lanes)" ]
}
lanes() { pgrep -P "$policy"; }
# dead and reaped: a signal that is on its way is a death in the middle of a call
kill_lanes() {
	killed=$(lanes)
	kill -KILL $killed
	wait_for 200 lanes_gone
}
lanes_gone() {
	for p in $killed; do ! kill -0 "$p" || return 1; done
}

# ask NAME: open it; what came of it
lines() { [ "$(wc -l <out)" -ge "$1" ]; }
ask() {
	n=$(($(wc -l <out) + 1))
	echo "$1" >&3
	wait_for 200 lines $n
	sed -n ${n}p out
}
end() {
	exec 3>&-
	wait $job
	st=$?
}
# A job that has ended stays until it is waited for.
ended() { case $(ps -o stat= -p $job) in ''|Z*) ;; *) return 1 ;; esac; }
fds() {
	for p in $job $(pgrep -P $job); do
		ls /proc/$p/fd 2>/dev/null | wc -l
	done | tr '\n' ' '
}
no_zombie() { ! ps -o stat= --ppid "$policy" --ppid "$job" | grep -q Z; }

begin kill
is "kill: it opens" "$(ask data)" content
kill -KILL $(lanes)
wait_for 200 ended
end
is "kill: a dead worker ends the run" "$st" 125
is "... with one line that says how it died" "$(cat err)" \
    "privsep-sandbox: monitor: policy worker of lane 0 killed by signal 9 (Killed): the sandbox ends"

begin restart
is "restart: it opens" "$(ask data)" content
is "... what is denied is" "$(ask a.secret)" EACCES
# a busy machine may have wanted a second one for a moment
one_lane() { [ "$(lanes | wc -l)" -eq 1 ]; }
before=$(fds)
for i in 1 2 3 4 5; do
	wait_for 200 one_lane
	kill_lanes
	is "restart: a call after a death is made by another worker ($i)" \
	    "$(ask data)" content
	is "... which denies the same ($i)" "$(ask a.secret)" EACCES
done
wait_for 200 no_zombie; ok "... no zombie is left"
if [ "$(id -u)" -eq 0 ]; then
	is "... no role has a descriptor more" "$(fds)" "$before"
fi
is "... each time a line" "$(grep -c 'lane [0-9]*: no policy worker: replaced' err)" 5
is "... and one that says how it died" \
    "$(grep -c 'policy worker of lane [0-9]* killed by signal 9' err)" 5
kill_lanes
echo data >&3
end
is "... the sixth within a minute ends the run" "$st" 125
like "... and says so" "$(cat err)" \
    "no policy worker: more than 5 in 60 seconds: the sandbox ends"

begin restart
ask data >"$T/first"
wait_for 200 one_lane
kill -STOP $(lanes)
is "restart: the call of a worker that is stopped fails with EIO" \
    "$(ask data)" EIO
is "... and the next is made" "$(ask data)" content
is "... what is denied is" "$(ask a.secret)" EACCES
end
is "... to the command's own end" "$st" 0
like "... with a line" "$(cat err)" "lane 0: policy worker is stopped: replaced"

# A FIFO: the worker is in the middle of a call.
mkfifo fifo
begin restart
ask data >"$T/first"
n=$(($(wc -l <out) + 1))
echo fifo >&3
sleep 0.5
kill -KILL $(lanes)
wait_for 100 lines $n
is "restart: the call in hand of one that dies fails with EIO" \
    "$(sed -n ${n}p out)" EIO
is "... and the next is made" "$(ask data)" content
end
is "... to the command's own end" "$st" 0

for role in policy integrity receiver; do
	begin restart
	kill -KILL $(pgrep -P $job -f "^privsep-sandbox: $role" | head -1)
	wait_for 200 ended
	end
	is "restart: $role is not replaced" "$st" 125
	like "... the line names it" "$(cat err)" \
	    "^privsep-sandbox: monitor: $role killed by signal 9 \(Killed\): the sandbox ends"
done

# Neither is the learn process, nor the monitor.
begin restart
exec 3>&-; wait $job
rm -f out in; mkfifo in
: >out
"$PRIVSEP" -w -r "set on-failure restart" -L learned -- python3 opens.py \
    <in >out 2>err &
job=$!
exec 3>in
ask data >"$T/first"
kill -KILL $(pgrep -P $job -f "^privsep-sandbox: learn" | head -1)
wait_for 200 ended
end
is "restart: learn is not replaced" "$st" 125
like "... the line names it" "$(cat err)" \
    "monitor: learn killed by signal 9 \(Killed\): the sandbox ends"
begin restart
ask data >"$T/first"
all=$(pgrep -P $job; lanes; pgrep -P "$(pgrep -P $job -f ': receiver')")
kill -KILL $job
end
is "restart: nor is the monitor" "$st" 137
gone() { for p in $all; do ! kill -0 "$p" 2>/dev/null || return 1; done; }
wait_for 100 gone; ok "... and nothing is left of it" "$(ps -o pid,stat,args -p \
    "$(echo $all | tr ' ' ,)")"
run -- true
is "... nor its temporary directory, when another starts" "$(leftovers)" ""

for role in policy integrity receiver; do
	begin kill
	kill -STOP $(pgrep -P $job -f "^privsep-sandbox: $role" | head -1)
	wait $job
	st=$?
	exec 3>&-
	is "$role stopped for a second ends the run" "$st" 125
	is "... the line names it" "$(cat err)" \
	    "privsep-sandbox: monitor: $role stopped by signal 19 (Stopped (signal)): the sandbox ends"
done
for role in policy integrity receiver; do
	begin kill
	p=$(pgrep -P $job -f "^privsep-sandbox: $role" | head -1)
	kill -STOP $p
	sleep 0.2
	kill -CONT $p
	is "$role stopped for a moment is waited for" "$(ask data)" content
	end
	is "... to the command's own end" "$st" 0
	is "... and a line says so" "$(cat err)" \
	    "privsep-sandbox: monitor: $role was stopped, and continued"
done

# What the command left in its temporary directory goes, whoever failed.
for role in integrity receiver; do
	"$PRIVSEP" -w -- sh -c 'mkdir -p "$TMPDIR/a/b"; : >"$TMPDIR/a/b/c"; echo up >up
	    exec sleep 100' 2>"$T/err" &
	job=$!
	wait_for 100 test -e up; rm -f up
	kill -KILL $(pgrep -P $job -f "^privsep-sandbox: $role" | head -1)
	wait $job
	is "$role dies: 125" "$?" 125
	is "... and the temporary directory is removed all the same" \
	    "$(leftovers)" ""
done

# A log on a full disk: said once, and nothing is allowed for it.
run -w -l /dev/full -r "deny read glob \"$WORK/*.secret\"" -- sh -c \
    'cat a.secret; cat a.secret; cat a.secret; cat data'
is "a full log: what is denied is denied, the rest is done" "$st:$out" \
    "0:content"
is "... that it is full is said once" \
    "$(grep -c 'the log takes no more, denials go on: No space left' "$T/err")" 1
is "... and how many lines it lacks" \
    "$(grep 'the log lacks' "$T/err")" \
    "privsep-sandbox: monitor: the log lacks 3 lines"

# Signals that it was started to ignore, as the command would.
(trap '' HUP INT; : >up; exec "$PRIVSEP" -- sh -c 'exit 3') & job=$!
wait_for 50 test -e up
for i in 1 2 3 4 5 6 7 8 9 10; do
	kill -HUP $job && kill -INT $job
done 2>"$T/err"
wait $job
is "signals that are ignored end nothing at start" "$?" 3
