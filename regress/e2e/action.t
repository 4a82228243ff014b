#!/bin/sh
# What rules do beside their answer: warn, deny, kill, stop, abort, exit, quiet.
. "${E2E:+$E2E/src/}regress/e2e/lib.sh"

file=$WORK/secret
echo secret >"$file"
echo plain >"$WORK/plain"

# lines WORD: of the sandbox, in $err or a log
lines() { printf '%s\n' "$2" | grep -c "privsep-sandbox: $1: pid"; }
# the state letter of a process
state() { sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null; }
stopped() { [ "$(state "$1")" = T ]; }
# inside PATTERN: pid of a process with these arguments
inside() { pgrep -n -u "$(id -u)" -f "$1"; }

# ---- the command itself

run -r "deny read $file" -- cat "$file"
is "deny: the call fails" "$st:$out" 1:
like "deny: the line says so" "$err" "privsep-sandbox: denied: .*by -r:1 deny"
run -r "warn read $file" -- cat "$file"
is "warn: the call succeeds" "$st:$out" 0:secret
like "warn: ... with a line" "$err" \
    "^privsep-sandbox: warned: pid [0-9]+ \(cat\) openat read \"$file\" by -r:1 warn read \"$file\"$"
is "warn: ... and one only" "$(lines warned "$err")" 1
run -r "kill read $file" -- cat "$file"
is "kill: as by SIGKILL" "$st:$out" 137:
like "kill: the line says so" "$err" \
    "^privsep-sandbox: killed: pid [0-9]+ \(cat\) openat read \"$file\" by -r:1 kill read \"$file\"; to allow: allow read \"$file\"$"
unlike "kill: the call did not return" "$err" "cat:"
run -r "abort read $file errno ENOENT" -- cat "$file"
is "abort: as by SIGABRT" "$st:$out" 134:
like "abort: the line says so" "$err" "privsep-sandbox: aborted: .*by -r:1 abort"
cat >catch.py <<'PY'
import os, signal, sys
signal.signal(signal.SIGABRT, lambda *a: print("caught", flush=True))
try:
    os.open(sys.argv[1], os.O_RDONLY)
except OSError as e:
    print(e.errno)
PY
run -r "abort read $file errno ENOENT" -- python3 catch.py "$file"
is "abort: who catches it gets the rule's errno" "$st:$(echo $out)" "0:caught 2"

run -r "deny read $file" -- cat "$WORK/plain"
is "other files are not meant" "$st:$out" 0:plain
run -r "kill write $WORK/plain" -- cat "$WORK/plain"
is "... nor other rights" "$st:$out" 0:plain
run -r "kill read, write $file" -- sh -c 'echo x >>"$1"' sh "$file"
is "kill: writing" "$st" 137
run -r "deny read $file" -r "kill write $file" -- \
    python3 -c 'import os, sys; os.open(sys.argv[1], os.O_RDWR)' "$file"
is "kill: asking for more is no way around" "$st" 137
run -r "kill read $file" -r "allow read $file" -- cat "$file"
is "the last rule that matches decides" "$st:$out" 0:secret
run -r "kill quick read $file" -r "allow read $file" -- cat "$file"
is "... or a quick one" "$st" 137

# ---- one of several processes

run -r "kill read $file" -- sh -c 'cat "$1"; echo "$?, on we go"' sh "$file"
is "kill: its process alone" "$st:$out" "0:137, on we go"
run -r "abort read $file" -- sh -c 'cat "$1"; echo "$?, on we go"' sh "$file"
is "abort: its process alone" "$st:$out" "0:134, on we go"
cat >thread.py <<'PY'
import sys, threading, time
t = threading.Thread(target=lambda: open(sys.argv[1]))
t.start()
time.sleep(20)
PY
run -r "kill read $file" -- python3 thread.py "$file"
is "kill: the process of the thread that asked" "$st" 137

# ---- stop

"$PRIVSEP" -r "stop read $file errno ENOENT" -- \
    sh -c 'cat "$1" # stop.1
    echo "$?" >st' sh "$file" >"$T/out" 2>"$T/err" &
job=$!
wait_for 50 inside "^cat $file\$"
cat=$(inside "^cat $file\$")
wait_for 50 stopped "$cat"
is "stop: the process is stopped" "$(state "$cat")" T
like "stop: the line says so" "$(cat "$T/err")" \
    "^privsep-sandbox: stopped: .*by -r:1 stop read .* errno ENOENT; "
unlike "stop: it has not run since" "$(cat "$T/err")" "cat:"
like "stop: the others run" "$(state $job)" '^[RSD]$'
kill -CONT "$cat"
wait $job
like "stop: continued, it gets the rule's errno" "$(cat "$T/err")" \
    "^cat: .*No such file"
is "stop: ... and ends as usual" "$(cat st)" 1

"$PRIVSEP" -r "stop read $file" -- cat "$file" >"$T/out" 2>"$T/err" &
job=$!
wait_for 50 stopped $job
is "stop of the command: the sandbox stops with it, for the shell to see" \
    "$(state $job)" T
kill -CONT $job
wait $job
st=$?
is "... and both continue" "$st:$(grep -c "^cat:.*Permission denied" "$T/err")" 1:1

# ---- exit

cat >tree.sh <<'SH'
# processes of every kind, then the one that must not
sleep 1000.7 & sh -c "sleep 1000.7 & wait" & setsid sleep 1000.7 &
(setsid sh -c "sleep 1000.7 & exec sleep 1000.7" &) ; kill -STOP $!
mkdir -p "$TMPDIR/left"; echo x >"$TMPDIR/left/over"
cat "$1"
echo survived
SH
start=$(date +%s%N)
run -r "exit read $file" -- sh tree.sh "$file"
took=$((($(date +%s%N) - start) / 1000000))
is "exit: the status is that of the sandbox" "$st:$out" 125:
is "exit: one line" "$(grep -c privsep-sandbox "$T/err")" 1
like "exit: ... that names the rule" "$err" \
    "^privsep-sandbox: ended: pid [0-9]+ \(cat\) openat read \"$file\" by -r:1 exit read \"$file\"; to allow: "
[ $took -lt 1500 ]
ok "exit: within a second" "$took ms"
! pgrep -u "$(id -u)" -f '1000\.7$' >/dev/null
ok "exit: no process is left" "$(pgrep -u "$(id -u)" -af '1000\.7$')"
is "exit: no temporary directory is left" "$(leftovers)" ""
rm -f "$T/log"
run -l "$T/log" -r "exit read $file" -- sh tree.sh "$file"
is "exit with -l: the status" "$st" 125
like "exit with -l: the rule is in the log" "$(cat "$T/log")" \
    "ended: .*by -r:1 exit read"
is "exit with -l: stderr says where to look" "$(cat "$T/err")" \
    "privsep-sandbox: monitor: a rule ended the run: see the log"
cat >race.sh <<'SH'
for i in 1 2 3 4 5 6 7 8; do
	(while :; do cat "$1/plain" >/dev/null; done) &
	(sleep 0.2; cat "$1/secret") &
done
wait # 1000.8
SH
run -r "exit read $file" -r "warn read $WORK/plain" -- sh race.sh "$WORK"
is "exit: many at once" "$st" 125
! pgrep -u "$(id -u)" -f 'race\.sh' >/dev/null
ok "exit: ... and none is left"
is "exit: ... and no directory" "$(leftovers)" ""

# ---- quiet

run -r "deny quiet read $file" -- cat "$file"
is "deny quiet: denied, and no line" "$st:$(lines '[a-z]*' "$err")" 1:0
run -w -r "deny quiet read $file" -- cat "$file"
is "deny quiet: not with -w either" "$st:$(lines '[a-z]*' "$err")" 1:0
run -r "deny quiet read $file" -r "deny read $WORK/plain" -- \
    cat "$file" "$WORK/plain"
is "deny quiet: other rules have theirs" "$st:$(lines denied "$err")" 1:1
run -r "kill quiet read $file" -- cat "$file"
is "kill quiet: killed, and no line" "$st:$(lines '[a-z]*' "$err")" 137:0
run -r "abort quiet read $file" -- cat "$file"
is "abort quiet: aborted, and no line" "$st:$(lines '[a-z]*' "$err")" 134:0

# ---- execution

cp /bin/true mytrue
cp /bin/echo myecho
for a in "deny 126" "kill 137" "abort 134" "exit 125"; do
	run -r "${a% *} exec $WORK/mytrue" -- ./mytrue
	is "exec: ${a% *}, the command itself" "$st" "${a#* }"
	is "exec: ${a% *}, one line" "$(lines '[a-z]*' "$err")" 1
done
run -r "kill exec $WORK/mytrue" -- sh -c './mytrue; echo $?; ./myecho on'
is "exec: kill, at the notification: the child of the shell" "$st:$(echo $out)" \
    "0:137 on"
like "exec: kill, the line is the policy worker's" "$err" \
    "killed: .* execve exec \"$WORK/mytrue\" by -r:1 kill exec"
run -r "warn exec $WORK/myecho" -- ./myecho hello
is "exec: warn" "$st:$out:$(lines warned "$err")" 0:hello:1
printf '#!%s\n' "$WORK/mytrue" >script
chmod 755 script
run -r "kill exec $WORK/mytrue" -- sh -c './script; echo $?'
is "exec: kill, a script's interpreter" "$st:$out" "0:137"
ld=$(readlink -f /lib64/ld-linux-x86-64.so.2)
for a in "kill 137 killed" "exit 125 ended"; do
	set -- $a
	run -r "set exec-check late" -r "$1 exec $ld" -- ./mytrue
	is "exec: $1, an ELF interpreter: seen at the exec event" "$st" "$2"
	like "exec: $1, ... with its line" "$err" "privsep-sandbox: $3: .*$ld"
done
for a in "kill 137 killed" "exit 125 ended" "deny 126 denied"; do
	set -- $a
	run -r "$1 exec $ld" -- ./mytrue
	is "exec: $1, an ELF interpreter: seen at the call" "$st" "$2"
	like "exec: $1, ... with its line there" "$err" "privsep-sandbox: $3: .*$ld"
done
run -r "set exec-check late" -r "kill quiet exec $ld" -- ./mytrue
is "exec: kill quiet at the exec event" "$st:$(lines '[a-z]*' "$err")" 137:0

# ---- other calls

mkdir d
for c in "delete rm -f $file" "create touch $WORK/new" "mkdir mkdir $WORK/new" \
    "rename mv $file $WORK/new" "chmod chmod 600 $file" \
    "truncate sh -c :>$file" "readdir ls $WORK/d" \
    "symlink ln -s x $WORK/new" "link ln $WORK/plain $WORK/new"; do
	right=${c%% *}
	run -r "kill $right under $WORK" -- ${c#* }
	is "kill: $right" "$st:$(lines killed "$err")" 137:1
done
is "... and nothing was done" "$(cat "$file"):$(ls -d new 2>/dev/null)" secret:
run -r "kill net" -- true
is "actions are for files" "$st" 125
