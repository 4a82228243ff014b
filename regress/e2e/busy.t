#!/bin/sh
# A machine with no time: processors that others want as well, everything
# stopped for a while, files and names without end.  No role that has to wait is
# taken for one that does not answer, and no run is ended.  E2E_LONG=yes does
# it for a minute, and in a control group of few processor time.
[ "${E2E_LONG:-}" = yes ] || PASSES=once
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

if [ "${E2E_LONG:-}" = yes ]; then
	SEC=60 MB=1024 NAMES=100000 LOOPS=16 PAUSE=8
else
	SEC=2 MB=32 NAMES=3000 LOOPS=8 PAUSE=1
fi
LIMIT=600

# All of a sandbox, the monitor first.
everyone() {
	echo "$1"
	for e_p in $(pgrep -P "$1"); do everyone "$e_p"; done
}

echo content >data
cat >work.sh <<'SH'
# so many seconds of opens and executions; each is right
end=$(($(date +%s) + $1))
n=0
while [ "$(date +%s)" -lt "$end" ]; do
	[ "$(cat data)" = content ] || exit 3
	cat a.secret 2>/dev/null && exit 4
	n=$((n + 1))
done
[ $n -gt 0 ] && exit 7
SH
echo SECRET >a.secret
mkfifo fifo
cp /bin/true big && truncate -s ${MB}M big
digest=$(sha256sum <big | cut -c1-64)
mkdir names && (cd names && seq -f name.%06.0f 1 $NAMES | xargs touch)
echo x >names/hidden.x

# start NAME ARGS: a sandbox in the background
start() {
	s_name=$1
	shift
	(timeout -k 5 "$LIMIT" "$PRIVSEP" -w "$@" >"$T/$s_name.out" \
	    2>"$T/$s_name.err" </dev/null; echo $? >"$T/$s_name.st") &
}
# over NAME WHAT WANT: it went to its own end, and nothing was said
over() {
	is "$2" "$(cat "$T/$1.st"):$(cat "$T/$1.out"):$(cat "$T/$1.err")" "$3"
}

# load: processors for everybody but us
i=0
loads=
while [ $i -lt $LOOPS ]; do
	sh -c 'while kill -0 $1 2>/dev/null; do i=0; while [ $i -lt 9999 ]
	    do i=$((i + 1)); done; done' loop $$ &
	loads="$loads $!"
	i=$((i + 1))
done
trap 'kill $loads 2>/dev/null' EXIT

secret="deny quiet read glob \"$WORK/*.secret\""
start work -r "$secret" -- sh work.sh $SEC
start nice -r "$secret" -- nice -n 10 sh work.sh $SEC
start idle -- sh -c "sleep $SEC; exit 7"
start fifo -- sh -c 'read x <fifo; echo $x; exit 7'
start hash -r "verify exec \"$WORK/big\" sha256 $digest" -- ./big
start list -r "hide glob \"$WORK/names/*.x\"" -- sh -c 'ls -f names | wc -l'
# Everything stops for longer than a role may be silent, as the machine does
# when it is suspended: the monitor first, and last to go on.
"$PRIVSEP" -w -r "$secret" -- sh work.sh $((SEC + PAUSE)) >"$T/pause.out" \
    2>"$T/pause.err" &
box=$!
wait_for 600 pgrep -P $box -f ': policy'
wait_for 600 sh -c "pgrep -P \$(pgrep -P $box -f ': policy')"
sleep 0.3
all=$(everyone $box)
kill -STOP $all 2>"$T/gone"
sleep $PAUSE
kill -CONT $(echo $all | tr ' ' '\n' | tac) 2>"$T/gone"
# ... and once more while it is on its way
sleep 0.3
kill -STOP $all 2>"$T/gone"
sleep $PAUSE
kill -CONT $(echo $all | tr ' ' '\n' | tac) 2>"$T/gone"
[ "$SEC" -le $((2 * PAUSE)) ] || sleep $((SEC - 2 * PAUSE))
echo late >fifo
wait $box
echo $? >"$T/pause.st"
for name in work nice idle fifo hash list; do
	wait_for 6000 test -s "$T/$name.st"
done
over work "opens and executions on a busy machine" 7::
over nice "... of a command that has less of it" 7::
over idle "a command that sleeps on a busy machine" 7::
over fifo "a call that waits in a FIFO" 7:late:
over hash "an executable of $MB MB is hashed" 0::
over list "$NAMES names are listed, one hidden" "0:$((NAMES + 2)):"
is "all is stopped for $PAUSE seconds, twice: it goes on" \
    "$(cat "$T/pause.st"):$(cat "$T/pause.out")" 7:
unlike "... and nobody is said not to answer" "$(cat "$T/pause.err")" \
    "ends|answer"

# A start on that machine, too.
i=0
while [ $i -lt 2 ]; do
	nice -n 5 timeout 120 "$PRIVSEP" -w -r "$secret" -- cat data \
	    >>"$T/starts.out" 2>&1
	i=$((i + 1))
done
is "two starts there" "$(sort "$T/starts.out" | uniq -c | tr -s ' ')" \
    " 2 content"

# Roles that hardly get the processor: the monitor has its own, they share one
# with loops, as what runs when nothing else wants to.  A question takes them
# longer than the time in which one that sleeps would have failed.
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
for p in $loads; do
	taskset -c -p "$cpu" "$p" >"$T/quiet"
done
mkfifo go
"$PRIVSEP" -w -- sh -c 'echo up >up; read x <go; cat data; exit 7' \
    >"$T/starve.out" 2>"$T/starve.err" </dev/null &
box=$!
wait_for 600 test -e up
roles=$(for p in $(pgrep -P $box); do echo $p; done)
for p in $roles; do
	taskset -a -c -p "$cpu" "$p" && chrt -a -i -p 0 "$p"
done >"$T/quiet"
sleep $((SEC + 5))
kill $loads
echo >go
wait $box
echo $? >"$T/starve.st"
over starve "roles that hardly get the processor" 7:content:

# ---- a processor for one in fifty moments

[ "${E2E_LONG:-}" = yes ] || exit 0
cg=/sys/fs/cgroup/cpu/privsep-busy.$$
if ! mkdir "$cg" 2>"$T/err"; then
	skip "a control group of little time" "$(cat "$T/err")"
	exit 0
fi
echo 100000 >$cg/cpu.cfs_period_us && echo 4000 >$cg/cpu.cfs_quota_us
ok "a control group of 4 % of a processor"
(echo 0 >$cg/tasks; exec timeout -k 5 600 "$PRIVSEP" -w -r "$secret" -- \
    sh work.sh $SEC) >"$T/cg.out" 2>"$T/cg.err"
st=$?
echo $st >"$T/cg.st"
over cg "opens and executions in it" 7::
wait_for 100 rmdir "$cg"; ok "the control group is removed"
