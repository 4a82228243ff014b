#!/bin/sh
# The run's temporary directory: gone at the end; where the monitor was killed,
# gone when the next run starts, with what is in it, and nothing else is.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

# killed COMMAND: a run that has done this, and whose monitor is killed
killed() {
	rm -f up
	"$PRIVSEP" -- sh -c "$1; echo \$TMPDIR >up.new; mv up.new up; exec sleep 1000" \
	    >/dev/null 2>&1 &
	job=$!
	wait_for 300 test -e up
	dir=$(cat up)
	roles=$(pgrep -P $job)
	kill -KILL $job
	wait $job 2>/dev/null
	wait_for 300 over
}
# an init that does not reap leaves zombies
over() {
	! ps -o stat= -p "$(echo $roles | tr ' ' ,)" | grep -q -v '^Z'
}
next() { run "$@" -- true; }

run -- sh -c 'echo x >$TMPDIR/x; echo $TMPDIR'
[ "${out#"$E2E/tmp/privsep-sandbox."}" != "$out" ] && [ ! -e "$out" ]
ok "a run's directory is below \$TMPDIR, and gone at its end" "$out" "$err"

killed :
[ -d "$dir" ]; ok "nobody removes it for a monitor that was killed"
run -n
[ -d "$dir" ]; ok "... and -n removes nothing"
next
is "... the next run does" "$st:$err:$(leftovers)" "0::"

killed 'mkdir -p $TMPDIR/a/b $TMPDIR/c; echo x >$TMPDIR/a/b/x
    ln -s "$HOME" $TMPDIR/a/home; ln -s / $TMPDIR/root; mkfifo $TMPDIR/a/fifo
    (cd $TMPDIR; i=0
    while [ $i -lt 60 ]; do mkdir d; cd d; i=$((i + 1)); done)
    chmod 0 $TMPDIR/a $TMPDIR/c'
[ -n "$dir" ] && [ -L "$dir/root" ]; ok "what was in it is there"
next -v
is "... and the next run removes that too" "$st:$(leftovers)" "0:"
like "... and says so with -v" "$err" "$dir: left by a run"
[ -d "$HOME" ] && [ -d "$WORK" ]
ok "... and follows no symbolic link"

# in use
rm -f up go
"$PRIVSEP" -- sh -c 'echo mine >$TMPDIR/x; echo $TMPDIR >up.new; mv up.new up
    while [ ! -e go ]; do sleep 0.05; done; cat $TMPDIR/x' >"$T/mine" 2>&1 &
job=$!
wait_for 300 test -e up
for i in 1 2 3; do next; done
[ -d "$(cat up)" ]; ok "the directory of a run that goes on is left to it"
touch go
wait $job
is "... with what is in it" "$?:$(cat "$T/mine")" "0:mine"

# not one of ours, though it looks so
echo x >"$HOME/precious"
mkdir "$E2E/tmp/privsep-sandbox.long-name" "$HOME/dir"
touch "$E2E/tmp/privsep-sandbox.$E2E_PASS" "$HOME/dir/x"
ln -s "$HOME/dir" "$E2E/tmp/privsep-sandbox.ln$(id -u | tail -c 5 |
    sed 's/^\(.\)$/000\1/; s/^65534$/5534/')"
next
is "a name like it, a file and a link stay as they are" \
    "$(leftovers | wc -l):$(ls "$HOME/dir")" "3:x"
rm -rf "$E2E"/tmp/privsep-sandbox.long-name \
    "$E2E/tmp/privsep-sandbox.$E2E_PASS" "$E2E"/tmp/privsep-sandbox.ln????
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 777 "$E2E/tmp/privsep-sandbox.others"
	chown 65533 "$E2E/tmp/privsep-sandbox.others"
	next
	[ -d "$E2E/tmp/privsep-sandbox.others" ]
	ok "what is another user's stays"
	rmdir "$E2E/tmp/privsep-sandbox.others"
fi

# many at once
i=0
while [ $i -lt 30 ]; do
	i=$((i + 1))
	mkdir "$E2E/tmp/privsep-sandbox.e$(printf %05d $i)"
done
mkdir -p "$E2E/tmp/privsep-sandbox.full01/a" \
    "$E2E/tmp/privsep-sandbox.full02/b"
# and those that make theirs just then
for i in 1 2 3 4; do "$PRIVSEP" -- sh -c '[ -d $TMPDIR ] || echo none' \
    >>"$T/several" 2>&1 & done
wait
next
is "several at once, while others start" "$(cat "$T/several")$(leftovers)" ""

# it has no right but that
cat >lock.py <<'PY'
import fcntl, os, sys
d = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(d, fcntl.LOCK_EX | fcntl.LOCK_NB)
PY
rm -f up go
"$PRIVSEP" -- sh -c 'echo $TMPDIR >up.new; mv up.new up
    python3 lock.py $TMPDIR; echo $?; python3 -c "
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_UN)" $TMPDIR
    touch unlocked; while [ ! -e go ]; do sleep 0.05; done
    [ -d $TMPDIR ] && echo there' >"$T/lock" 2>/dev/null &
job=$!
wait_for 300 test -e unlocked
next
touch go
wait $job
is "the command cannot take the monitor's lock, nor undo it" \
    "$(tr '\n' ' ' <"$T/lock")" "1 there "
is "nothing is left in the end" "$(leftovers)" ""
